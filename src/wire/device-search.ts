/**
 * What a device search looks for, as a tree that serves the database and a look at one device. Texts become one in
 * `device-search-parser.ts`.
 */

/** What a text must be: one of some values, or one that begins so; negated, anything else. */
export type TextTest =
  | { readonly kind: 'in'; readonly values: readonly string[]; readonly negated: boolean }
  | { readonly kind: 'prefix'; readonly prefix: string; readonly negated: boolean };

export type DeviceField = 'productKey' | 'id' | 'name' | 'nickname' | 'status';

export type TimeField = 'createdAt' | 'modifiedAt' | 'activeAt';
export type TimeOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type DeviceSearch =
  | { readonly kind: 'and' | 'or'; readonly of: readonly DeviceSearch[] }
  | { readonly kind: 'not'; readonly of: DeviceSearch }
  | { readonly kind: 'field'; readonly field: DeviceField; readonly test: TextTest }
  /** Milliseconds since 1970. What never happened passes nothing. */
  | { readonly kind: 'time'; readonly field: TimeField; readonly operator: TimeOperator; readonly at: number }
  /** Is the device directly in a static group of such an id? Negated: in none. */
  | { readonly kind: 'group'; readonly test: TextTest }
  /** Has the device one tag, or one module that it reported, whose two halves pass what is asked of them? */
  | {
      readonly kind: PairKind;
      readonly name: TextTest | undefined;
      readonly value: TextTest | undefined;
    };

export type PairKind = 'tag' | 'module';

export interface Pair {
  readonly name: string;
  /** The value of a tag, the version of a module. */
  readonly value: string;
}

/** What a search may ask about a device. */
export interface SearchedDevice {
  readonly fields: Readonly<Record<DeviceField, string>>;
  /** Milliseconds since 1970, null for what never happened. */
  readonly times: Readonly<Record<TimeField, number | null>>;
  /** Static groups that it is directly in. */
  readonly groups: readonly string[];
  readonly tag: readonly Pair[];
  readonly module: readonly Pair[];
}

const passes = (test: TextTest, text: string): boolean =>
  (test.kind === 'in' ? test.values.includes(text) : text.startsWith(test.prefix)) !== test.negated;

const compares: Readonly<Record<TimeOperator, (one: number, other: number) => boolean>> = {
  '=': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

/** Does the search find this device? */
export function finds(search: DeviceSearch, device: SearchedDevice): boolean {
  switch (search.kind) {
    case 'and':
      return search.of.every((part) => finds(part, device));
    case 'or':
      return search.of.some((part) => finds(part, device));
    case 'not':
      return !finds(search.of, device);
    case 'field':
      return passes(search.test, device.fields[search.field]);
    case 'time': {
      const at = device.times[search.field];
      return at !== null && compares[search.operator](at, search.at);
    }
    case 'group': {
      const { test } = search;
      return device.groups.some((id) => passes({ ...test, negated: false }, id)) !== test.negated;
    }
    default:
      return device[search.kind].some(
        ({ name, value }) =>
          (search.name === undefined || passes(search.name, name)) &&
          (search.value === undefined || passes(search.value, value)),
      );
  }
}

/** The products that all devices found are of; undefined when they may be of any. */
export function productsOf(search: DeviceSearch): readonly string[] | undefined {
  switch (search.kind) {
    case 'field':
      return search.field === 'productKey' && search.test.kind === 'in' && !search.test.negated
        ? [...new Set(search.test.values)]
        : undefined;
    case 'and': {
      const limits = search.of.map(productsOf).filter((keys) => keys !== undefined);
      return limits.length === 0 ? undefined : limits.reduce((kept, keys) => kept.filter((key) => keys.includes(key)));
    }
    case 'or': {
      const limits = search.of.map(productsOf);
      return limits.includes(undefined) ? undefined : [...new Set(limits.flatMap((keys) => keys ?? []))];
    }
    default:
      return undefined;
  }
}

/** What every name of a device that is found must be; undefined when nothing limits it. */
export const namesOf = (search: DeviceSearch): TextTest | undefined => limitOn(search, 'name');

/** What is left to be looked at of devices whose names are known to begin so; undefined when that is all. */
export function withoutBeginning(search: DeviceSearch, prefix: string): DeviceSearch | undefined {
  if (search.kind === 'field' && search.field === 'name') {
    const { test } = search;
    return test.kind === 'prefix' && !test.negated && test.prefix === prefix ? undefined : search;
  }
  if (search.kind !== 'and') return search;
  const of = search.of.map((part) => withoutBeginning(part, prefix)).filter((part) => part !== undefined);
  return of.length === 0 ? undefined : { kind: 'and', of };
}

/** The only ids that devices found can have; undefined when nothing limits them. */
export function idsOf(search: DeviceSearch): readonly string[] | undefined {
  const test = limitOn(search, 'id');
  return test?.kind === 'in' ? test.values : undefined;
}

/** What a field must be, by one of the conditions that all have to be met: one on whole texts before one on a beginning. */
function limitOn(search: DeviceSearch, field: DeviceField): TextTest | undefined {
  if (search.kind === 'field') return search.field === field && !search.test.negated ? search.test : undefined;
  if (search.kind !== 'and') return undefined;
  const limits = search.of.map((part) => limitOn(part, field)).filter((test) => test !== undefined);
  return limits.find((test) => test.kind === 'in') ?? limits[0];
}
