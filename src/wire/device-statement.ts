import type { DeviceSearch, TimeField } from './device-search.ts';
import { readClause, type Selectable, selectable, targets } from './device-search-parser.ts';
import { found, Problem, type RefusedSearch, refusable, type SearchLimits, TokenReader } from './search-tokens.ts';

/** `SELECT … FROM device WHERE … ORDER BY … LIMIT …` */
export interface DeviceStatement {
  /** `count` for count(*); the fields that are wanted, all for `*`. */
  readonly select: 'count' | ReadonlySet<Selectable>;
  readonly search: DeviceSearch;
  readonly order: { readonly field: TimeField; readonly descending: boolean } | undefined;
  readonly offset: number;
  readonly limit: number;
}

export type ParsedStatement = { readonly ok: true; readonly statement: DeviceStatement } | RefusedSearch;

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 50;
/** Devices of a search that can be reached by an offset. */
const MOST_REACHED = 10_000;

/** Reads a statement; `detail` of a refusal says what is wrong and where. */
export function parseDeviceStatement(text: string, limits: SearchLimits): ParsedStatement {
  return refusable(() => {
    const reader = new TokenReader(text, limits);
    reader.needWord('select');
    const select = selectionIn(reader);
    for (const word of ['from', 'device', 'where']) reader.needWord(word);
    const search = readClause(reader, limits);
    const order = orderIn(reader);
    const { offset, limit } = limitIn(reader);
    const end = reader.peek();
    if (end.kind !== 'end') throw new Problem('syntax', `the end expected${found(end)}`, end.at);
    return { ok: true, statement: { select, search, order, offset, limit } };
  });
}

function selectionIn(reader: TokenReader): DeviceStatement['select'] {
  if (reader.taken('symbol', '*')) return new Set(selectable);
  if (reader.taken('word', 'count')) {
    for (const symbol of ['(', '*', ')']) reader.need(symbol);
    return 'count';
  }
  const fields = new Set<Selectable>();
  do {
    const field = reader.take();
    if (field.kind !== 'word') throw new Problem('syntax', `a field expected${found(field)}`, field.at);
    const known = selectable.find((name) => name === field.value);
    if (!known) throw new Problem('field', `unknown field ${field.value}`, field.at);
    fields.add(known);
  } while (reader.taken('symbol', ','));
  return fields;
}

function orderIn(reader: TokenReader): DeviceStatement['order'] {
  if (!reader.taken('word', 'order')) return undefined;
  reader.needWord('by');
  const { value, at } = reader.take();
  const target = targets.get(value);
  if (target?.kind !== 'time')
    throw new Problem('order', 'the order can be by active_time, gmt_create or gmt_modified', at);
  const descending = reader.taken('word', 'desc');
  if (!descending) reader.taken('word', 'asc');
  return { field: target.field, descending };
}

function limitIn(reader: TokenReader): { readonly offset: number; readonly limit: number } {
  const { at } = reader.peek();
  if (!reader.taken('word', 'limit')) return { offset: 0, limit: DEFAULT_LIMIT };
  const first = numberIn(reader);
  const [offset, limit] = reader.taken('symbol', ',') ? [first, numberIn(reader)] : [0, first];
  if (limit < 1 || limit > LARGEST_LIMIT) throw new Problem('offset', `LIMIT takes 1 to ${LARGEST_LIMIT} devices`, at);
  if (offset + limit > MOST_REACHED)
    throw new Problem('offset', `LIMIT reaches the first ${MOST_REACHED} devices only`, at);
  return { offset, limit };
}

function numberIn(reader: TokenReader): number {
  const token = reader.take();
  if (token.kind !== 'word' || !/^\d{1,9}$/.test(token.value))
    throw new Problem('offset', `a number expected${found(token)}`, token.at);
  return Number(token.value);
}
