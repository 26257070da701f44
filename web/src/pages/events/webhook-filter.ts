import { eventTypes } from '../../../../src/contract/event-types.ts';

/** Families and types that can be ticked one by one; `present` are shown even where this version knows them not. */
export function tickable(present: readonly string[]): string[] {
  const families = eventTypes.map((type) => `${type.slice(0, type.lastIndexOf('.'))}.*`);
  const single = new Set(families.filter((family) => families.indexOf(family) === families.lastIndexOf(family)));
  const offered = eventTypes.flatMap((type, index) => {
    const family = families[index] ?? '';
    return families.indexOf(family) === index && !single.has(family) ? [family, type] : [type];
  });
  return [...offered, ...present.filter((pattern) => pattern !== '*' && !offered.includes(pattern))];
}

/** Whether a family among `chosen` already holds `pattern`. */
export const isCovered = (pattern: string, chosen: ReadonlySet<string>): boolean =>
  [...chosen].some((each) => each !== pattern && each.endsWith('*') && pattern.startsWith(each.slice(0, -1)));
