import type { ErrorKey } from '../contract/errors.ts';
import type { Limits } from '../contract/limits.ts';
import type { GroupRow } from '../store/queries/groups.ts';
import type { DeviceSearch } from '../wire/device-search.ts';
import { parseDeviceSearch } from '../wire/device-search-parser.ts';
import type { SearchProblem } from '../wire/search-tokens.ts';
import { fail } from './failure.ts';
import { isCarriable } from './names.ts';

/** What a search that cannot be read is refused with. */
export const searchRefusals = {
  syntax: 'search.syntax',
  condition: 'search.condition',
  field: 'search.field',
  operator: 'search.operator',
  order: 'search.order',
  offset: 'search.offset',
  parameter: 'search.parameter',
} as const satisfies Record<SearchProblem, ErrorKey>;

/** @throws search.syntax */
export function checkCarriable(expression: string): void {
  if (!isCarriable(expression)) fail('search.syntax', { Detail: 'a character that cannot be stored' });
}

/** @throws search.* */
export function checkRule(expression: string, limits: Pick<Limits, 'searchLength' | 'searchConditions'>): DeviceSearch {
  checkCarriable(expression);
  const parsed = parseDeviceSearch(expression, limits);
  return parsed.ok ? parsed.search : fail(searchRefusals[parsed.problem], { Detail: parsed.detail });
}

/** The rule of a dynamic group, which was checked when the group was made; undefined for a static group. */
export function searchOf(group: Pick<GroupRow, 'expression'>): DeviceSearch | undefined {
  if (group.expression === null) return undefined;
  // limits may have become tighter since
  const unlimited = { searchLength: Number.POSITIVE_INFINITY, searchConditions: Number.POSITIVE_INFINITY };
  const parsed = parseDeviceSearch(group.expression, unlimited);
  if (!parsed.ok) throw new Error(`stored rule of a group: ${parsed.detail}`);
  return parsed.search;
}
