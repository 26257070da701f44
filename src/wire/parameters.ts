import type { Field, Fields } from '../contract/schema.ts';
import type { Pair } from './percent.ts';

export type Coerced =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  /** `parameter`: its name for `Missing{Parameter}` and `Invalid{Parameter}` (openapi-gateway 6). */
  | { readonly ok: false; readonly problem: 'missing' | 'invalid'; readonly parameter: string };

/**
 * Turns flat parameters (`Tag.1.Key=…`) into the value that `fields` declare (openapi-gateway 1 and 11).
 *
 * Names are matched in exact case, unknown ones are ignored. List indices may start at 0 and have gaps, their order
 * is numeric. An empty number or boolean counts as absent, an empty text does not: that is the operation's to refuse.
 * A scalar that is repeated with another value is invalid.
 */
export function coerce(fields: Fields, pairs: readonly Pair[]): Coerced {
  try {
    return { ok: true, value: members(fields, group(pairs), '', '') };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.kind, parameter: error.parameter };
    throw error;
  }
}

class Problem extends Error {
  readonly kind: 'missing' | 'invalid';
  readonly parameter: string;

  constructor(kind: 'missing' | 'invalid', parameter: string) {
    super(`${kind} ${parameter}`);
    this.kind = kind;
    this.parameter = parameter;
  }
}

/** What was sent under one name: its own values, and pairs whose names go on after a dot. */
interface Sent {
  readonly values: string[];
  readonly inner: Pair[];
}

function group(pairs: readonly Pair[]): Map<string, Sent> {
  const groups = new Map<string, Sent>();
  for (const [name, value] of pairs) {
    const dot = name.indexOf('.');
    const head = dot < 0 ? name : name.slice(0, dot);
    let sent = groups.get(head);
    if (!sent) {
      sent = { values: [], inner: [] };
      groups.set(head, sent);
    }
    if (dot < 0) sent.values.push(value);
    else sent.inner.push([name.slice(dot + 1), value]);
  }
  return groups;
}

/** @param top name of the outermost parameter, which is the one called invalid; '' at the outermost level */
function members(
  fields: Fields,
  groups: ReadonlyMap<string, Sent>,
  path: string,
  top: string,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const sent = groups.get(name);
    const value = sent && readValue(field, sent, `${path}${name}`, top || name);
    if (value !== undefined) result[name] = value;
    else if (field.required) throw new Problem('missing', `${path}${name}`);
  }
  return result;
}

function readValue(field: Field, sent: Sent, path: string, top: string): unknown {
  if (field.kind === 'object') return objectOf(field.fields, sent, path, top);
  if (field.kind === 'list') return listOf(field.of, field.max, sent, path, top);
  const [text] = sent.values;
  if (text === undefined) return undefined;
  if (sent.values.some((other) => other !== text)) throw new Problem('invalid', top);
  if (field.kind === 'text') return text;
  return text === '' ? undefined : scalarOf(field.kind, text, top);
}

function objectOf(fields: Fields, sent: Sent, path: string, top: string): unknown {
  // `[object Object]`, JSON and the like
  if (sent.values.some((value) => value !== '')) throw new Problem('invalid', top);
  return sent.inner.length === 0 ? undefined : members(fields, group(sent.inner), `${path}.`, top);
}

const INDEX = /^\d{1,9}$/;

function listOf(of: Field, max: number, sent: Sent, path: string, top: string): unknown[] | undefined {
  if (sent.values.some((value) => value !== '')) throw new Problem('invalid', top);
  const elements = group(sent.inner);
  const indices = [...elements.keys()].sort((a, b) => Number(a) - Number(b));
  const list: unknown[] = [];
  for (const index of indices) {
    const element = elements.get(index);
    if (!element || !INDEX.test(index)) throw new Problem('invalid', top);
    // a part of a plain element, `DeviceName.1.x`: to ignore it would be to ignore a target
    if (of.kind !== 'list' && of.kind !== 'object' && element.inner.length > 0) throw new Problem('invalid', top);
    const value = readValue(of, element, `${path}.${index}`, top);
    if (value !== undefined) list.push(value);
    if (list.length > max) throw new Problem('invalid', top);
  }
  return list.length === 0 ? undefined : list;
}

const MAX_INT = 2 ** 31 - 1;

function scalarOf(kind: 'int' | 'long' | 'bool', text: string, top: string): number | boolean {
  if (kind === 'bool') {
    const lower = text.toLowerCase();
    if (lower === 'true' || lower === 'false') return lower === 'true';
  } else if (/^-?\d+$/.test(text)) {
    const value = Number(text) + 0; // no negative zero
    const fits = kind === 'int' ? value >= -MAX_INT - 1 && value <= MAX_INT : Number.isSafeInteger(value);
    if (fits) return value;
  }
  throw new Problem('invalid', top);
}
