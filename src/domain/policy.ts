import type { ActionEntry } from '../contract/action.ts';
import { actions } from '../contract/index.ts';

/**
 * RAM policies: which operations a RAM user may call. Default deny; a matching Deny beats every Allow
 * (openapi-gateway 8).
 */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** True when the statement carries a Condition, which is not evaluated here. */
  readonly conditional: boolean;
}

export type Policy = readonly Statement[];

const strings = (value: unknown): string[] | undefined => {
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((item) => typeof item === 'string' && item !== '')
    ? (list as string[])
    : undefined;
};

/** Reads a policy document; a string tells a person what is wrong with it. */
export function parsePolicy(json: string): Policy | string {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return 'the policy is not JSON';
  }
  const { Version: version, Statement: statements } = (document ?? {}) as Record<string, unknown>;
  if (version !== '1') return 'the policy must have "Version": "1"';
  const list = Array.isArray(statements) ? statements : [statements];
  const policy: Statement[] = [];
  for (const [index, entry] of list.entries()) {
    const {
      Effect: effect,
      Action: action,
      Resource: resource,
      Condition: condition,
    } = (entry ?? {}) as Record<string, unknown>;
    const actions = strings(action);
    const resources = strings(resource);
    if (effect !== 'Allow' && effect !== 'Deny') return `statement ${index + 1}: Effect must be Allow or Deny`;
    if (!actions) return `statement ${index + 1}: Action must be a text or a list of texts such as "iot:Query*"`;
    if (!resources) return `statement ${index + 1}: Resource must be a text or a list of texts, usually "*"`;
    policy.push({ effect, actions, resources, conditional: condition !== undefined });
  }
  return policy;
}

/** A stored policy was checked when it was made; one that no longer parses grants nothing, as none does. */
export function storedPolicy(json: string | null): Policy {
  const parsed = json === null ? [] : parsePolicy(json);
  return typeof parsed === 'string' ? [] : parsed;
}

/**
 * `*` stands for any text, `?` for one character; letter case does not matter. Takes no longer than the product of both
 * lengths, whatever the pattern: a regular expression made of one could keep everybody waiting for years.
 */
function matches(pattern: string, text: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), text.toLowerCase()];
  let at = 0;
  let star = -1;
  let starEnd = 0;
  let position = 0;
  while (position < given.length) {
    if (wanted[at] === '*') {
      star = at++;
      starEnd = position;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      // the last star takes one more character
      at = star + 1;
      position = ++starEnd;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}

/** The part of a resource pattern that says whose objects it is about: `acs:<service>:<region>:<account>`. */
const owner = (resource: string): string => resource.split(':').slice(0, 4).join(':');

/** `<service>:<what>`, as a policy names it. */
export type Right = `${'iot' | 'otaru'}:${string}`;

/** The right to call an operation. */
export const rightTo = ({ service = 'iot', name }: Pick<ActionEntry, 'service' | 'name'>): Right =>
  `${service}:${name}`;

/** Has a user under `policy` a right over the objects of `accountId`? */
export function permits(policy: Policy, right: Right, accountId: string): boolean {
  const objects = `acs:${right.split(':', 1)[0]}:cn-shanghai:${accountId}`;
  // Rights exist for whole operations only (openapi-gateway 8). What is not evaluated, a condition or the name of a
  // single object, must not widen rights: such a statement can deny but not allow.
  const allows = ({ effect, resources, conditional }: Statement) =>
    effect === 'Allow' && !conditional && resources.some((pattern) => matches(pattern, `${objects}:*`));
  const denies = ({ effect, resources }: Statement) =>
    effect === 'Deny' && resources.some((pattern) => matches(owner(pattern), objects));
  const relevant = policy.filter(({ actions }) => actions.some((pattern) => matches(pattern, right)));
  return relevant.some(allows) && !relevant.some(denies);
}

/** Stands for what a wildcard leaves open: no operation is named so. */
const ANYTHING = '~';

const services = ['iot', 'otaru'] as const;

/** Rights that there are not yet, of the kind that a pattern would give once there are. */
function rightsToCome(pattern: string): Right[] {
  const filled = pattern.toLowerCase().replace(/[*?]/g, ANYTHING);
  if (services.some((service) => filled.startsWith(`${service}:`))) return [filled as Right];
  return services.map((service): Right => `${service}:${filled}`);
}

/**
 * May nobody under `policy` do what another under `widest` may not? It is asked for every right that there is, and for
 * such as a later version could bring, so that nobody is given today what only a new operation makes too much.
 */
export function isWithin(policy: Policy, widest: Policy, accountId: string): boolean {
  const patterns = [...policy, ...widest].flatMap((statement) => statement.actions);
  const rights: Iterable<Right> = new Set([
    ...actions.map(rightTo),
    'iot:sub' as const,
    ...patterns.flatMap(rightsToCome),
  ]);
  for (const right of rights) if (permits(policy, right, accountId) && !permits(widest, right, accountId)) return false;
  return true;
}
