import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { deviceStatusNumber } from '../contract/device-status.ts';
import type { DeviceField, DeviceSearch, PairKind, TextTest, TimeField } from '../wire/device-search.ts';
import type { Schema } from './schema.ts';

export type DeviceEb = ExpressionBuilder<Schema, 'device'>;

/** Devices whose ids follow `above` and do not follow `upTo`. */
export interface Slice {
  readonly above: string | undefined;
  readonly upTo: string | undefined;
}

/**
 * How conditions on tags, modules and groups are looked up: `each` by the device, where few devices are given, in a
 * slice by the index of what its devices hold, where they are what is looked for.
 */
export type Lookup = 'each' | Slice;

const columns = {
  productKey: 'device.product_key',
  id: 'device.id',
  name: 'device.name',
  nickname: 'device.nickname',
  status: 'device.status',
} as const satisfies Record<DeviceField, string>;

/** Where times of a device stand. */
export const timeColumns = {
  createdAt: 'device.created_at',
  modifiedAt: 'device.modified_at',
  activeAt: 'device.active_at',
} as const satisfies Record<TimeField, string>;

/** Characters of a tag's value that its index holds: a value may be longer than an index can take. */
const INDEXED = 64;

/** The condition that a test puts on a column. */
export const passes = (column: Expression<unknown>, test: TextTest): Expression<SqlBool> => {
  const found =
    test.kind === 'in'
      ? sql<SqlBool>`${column} in (${sql.join(test.values)})`
      : sql<SqlBool>`substr(${column}, 1, ${sql.lit([...test.prefix].length)}) = ${test.prefix}`;
  return test.negated ? sql<SqlBool>`not (${found})` : found;
};

/** The condition that a search puts on a device. */
export const foundBy =
  (search: DeviceSearch, lookup: Lookup) =>
  (eb: DeviceEb): Expression<SqlBool> => {
    switch (search.kind) {
      case 'and':
        return eb.and(search.of.map((part) => foundBy(part, lookup)(eb)));
      case 'or':
        return eb.or(search.of.map((part) => foundBy(part, lookup)(eb)));
      case 'not':
        return eb.not(foundBy(search.of, lookup)(eb));
      case 'field':
        return search.field === 'status' && search.test.kind === 'in'
          ? statusIn(eb, search.test)
          : passes(eb.ref(columns[search.field]), search.test);
      case 'time': {
        const column = timeColumns[search.field];
        // what never happened passes neither this nor its opposite, and NOT finds it all the same
        return eb.and([eb(column, 'is not', null), eb(column, search.operator, search.at)]);
      }
      case 'group': {
        const positive = passes(sql.ref('held.group_id'), { ...search.test, negated: false });
        const inOne = holds(eb, lookup, 'device_group_member', [positive]);
        return search.test.negated ? eb.not(inOne) : inOne;
      }
      default:
        return holds(eb, lookup, pairs[search.kind].table, pairConditions(search.kind, search));
    }
  };

function statusIn(eb: DeviceEb, test: Extract<TextTest, { kind: 'in' }>): Expression<SqlBool> {
  const numbers = test.values.map((text) => sql.lit(deviceStatusNumber(text) ?? -1));
  const found = sql<SqlBool>`${eb.ref('device.status')} in (${sql.join(numbers)})`;
  return test.negated ? eb.not(found) : found;
}

const pairs = {
  tag: { table: 'device_prop', name: 'held.key', value: 'held.value' },
  module: { table: 'module_version', name: 'held.module', value: 'held.version' },
} as const satisfies Record<PairKind, object>;

function pairConditions(
  kind: PairKind,
  { name, value }: { readonly name: TextTest | undefined; readonly value: TextTest | undefined },
): Expression<SqlBool>[] {
  const { name: nameColumn, value: valueColumn } = pairs[kind];
  const conditions: Expression<SqlBool>[] = [];
  if (name) conditions.push(passes(sql.ref(nameColumn), name));
  if (value) {
    conditions.push(passes(sql.ref(valueColumn), value));
    if (kind === 'tag' && value.kind === 'in' && !value.negated) {
      const beginnings = value.values.map((text) => [...text].slice(0, INDEXED).join(''));
      conditions.push(sql<SqlBool>`substr(held.value, 1, ${sql.lit(INDEXED)}) in (${sql.join(beginnings)})`);
    }
  }
  return conditions;
}

/** Does the device hold a row of a table that meets the conditions? */
function holds(
  eb: DeviceEb,
  lookup: Lookup,
  table: 'device_group_member' | 'device_prop' | 'module_version',
  conditions: readonly Expression<SqlBool>[],
): Expression<SqlBool> {
  const met = sql.join(conditions, sql` and `);
  const from = sql`select held.device_id from ${sql.table(table)} as held where ${met}`;
  if (lookup === 'each') return sql<SqlBool>`exists (${from} and held.device_id = ${eb.ref('device.id')})`;
  const { above, upTo } = lookup;
  const after = above === undefined ? sql`` : sql` and held.device_id > ${above}`;
  const until = upTo === undefined ? sql`` : sql` and held.device_id <= ${upTo}`;
  return sql<SqlBool>`${eb.ref('device.id')} in (${from}${after}${until})`;
}
