import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { deviceStatusNumber, deviceStatusText } from '../../contract/device-status.ts';
import type { DeviceField, DeviceSearch, PairKind, SearchedDevice, TextTest } from '../../wire/device-search.ts';
import { productsOf } from '../../wire/device-search.ts';
import type { Db } from '../engine.ts';
import type { Schema } from '../schema.ts';
import { countDevices, type DeviceCounts } from './device-states.ts';
import type { DeviceRow } from './devices.ts';

type Eb = ExpressionBuilder<Schema, 'device'>;

/** Devices looked at in one statement: others get their turn between two of them, whatever a rule asks for. */
const SLICE = 10_000;

/** Devices whose ids follow `above` and do not follow `upTo`. */
interface Slice {
  readonly above: string | undefined;
  readonly upTo: string | undefined;
}

/**
 * How conditions on tags, modules and groups are looked up: `each` by the device, where few devices are given, in a
 * slice by the index of what its devices hold, where they are what is looked for.
 */
type Lookup = 'each' | Slice;

const columns = {
  productKey: 'device.product_key',
  id: 'device.id',
  name: 'device.name',
  nickname: 'device.nickname',
  status: 'device.status',
} as const satisfies Record<DeviceField, string>;

/** Characters of a tag's value that its index holds: a value may be longer than an index can take. */
const INDEXED = 64;

const passes = (column: Expression<unknown>, test: TextTest): Expression<SqlBool> => {
  const found =
    test.kind === 'in'
      ? sql<SqlBool>`${column} in (${sql.join(test.values)})`
      : sql<SqlBool>`substr(${column}, 1, ${sql.lit([...test.prefix].length)}) = ${test.prefix}`;
  return test.negated ? sql<SqlBool>`not (${found})` : found;
};

/** The condition that a search puts on a device. */
const foundBy =
  (search: DeviceSearch, lookup: Lookup) =>
  (eb: Eb): Expression<SqlBool> => {
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
      case 'group': {
        const positive = passes(sql.ref('held.group_id'), { ...search.test, negated: false });
        const inOne = holds(eb, lookup, 'device_group_member', [positive]);
        return search.test.negated ? eb.not(inOne) : inOne;
      }
      default:
        return holds(eb, lookup, pairs[search.kind].table, pairConditions(search.kind, search));
    }
  };

function statusIn(eb: Eb, test: Extract<TextTest, { kind: 'in' }>): Expression<SqlBool> {
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
  eb: Eb,
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

/** What narrows the devices that a search found. */
export interface FoundFilter {
  readonly productKey?: string | undefined;
  readonly status?: number | undefined;
  readonly name?: string | undefined;
  /** Names that begin so. */
  readonly namePrefix?: string | undefined;
}

/** What is looked for, and where. */
interface Sought {
  readonly instanceId: string;
  readonly search: DeviceSearch;
  readonly filter: FoundFilter;
}

/** The products whose devices a search may find; undefined for all of the instance. */
function soughtProducts({ search, filter }: Sought): readonly string[] | undefined {
  const keys = productsOf(search);
  if (filter.productKey === undefined) return keys;
  return keys === undefined || keys.includes(filter.productKey) ? [filter.productKey] : [];
}

/** The product all of whose devices a search finds, and no others: these are counted by its tally. */
function wholeProduct({ search, filter }: Sought): string | undefined {
  const { status, name, namePrefix, productKey } = filter;
  if (search.kind !== 'field' || search.field !== 'productKey') return undefined;
  const keys = productsOf(search);
  if ((status ?? name ?? namePrefix) !== undefined || keys?.length !== 1) return undefined;
  return productKey === undefined || productKey === keys[0] ? keys[0] : undefined;
}

const found = (db: Db, sought: Sought, slice: Slice) => {
  const { instanceId, search, filter } = sought;
  const keys = soughtProducts(sought);
  return db
    .selectFrom('device')
    .innerJoin('product', 'product.key', 'device.product_key')
    .where('product.instance_id', '=', instanceId)
    .$if(keys !== undefined, (query) => query.where('product.key', 'in', keys?.length ? [...keys] : ['']))
    .$if(slice.above !== undefined, (query) => query.where('device.id', '>', slice.above as string))
    .$if(slice.upTo !== undefined, (query) => query.where('device.id', '<=', slice.upTo as string))
    .$if(filter.status !== undefined, (query) => query.where('device.status', '=', filter.status as number))
    .$if(filter.name !== undefined, (query) => query.where('device.name', '=', filter.name as string))
    .$if(filter.namePrefix !== undefined, (query) =>
      query.where((eb) =>
        passes(eb.ref('device.name'), { kind: 'prefix', prefix: filter.namePrefix as string, negated: false }),
      ),
    )
    .where((eb) => foundBy(search, slice)(eb as unknown as Eb));
};

/** All devices among which a search looks, in slices of so many, the newest first. */
async function* slicesOf(db: Db, sought: Sought, size: number): AsyncGenerator<Slice> {
  const keys = soughtProducts(sought);
  const products = await db
    .selectFrom('product')
    .select(['key', 'device_count'])
    .where('instance_id', '=', sought.instanceId)
    .$if(keys !== undefined, (query) => query.where('key', 'in', keys?.length ? [...keys] : ['']))
    .execute();
  const large = products.reduce((sum, product) => sum + product.device_count, 0) > size;
  const [only, ...others] = products.filter((product) => product.device_count > 0);
  let upTo: string | undefined;
  do {
    const next = large ? await firstBelow(db, others.length === 0 ? only?.key : undefined, upTo, size) : undefined;
    yield { above: next, upTo };
    upTo = next;
  } while (upTo !== undefined);
}

/** Where a slice that begins at `upTo` ends: the id of the first device that is none of it. */
async function firstBelow(
  db: Db,
  productKey: string | undefined,
  upTo: string | undefined,
  size: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('device')
    .select('id')
    .$if(productKey !== undefined, (query) => query.where('product_key', '=', productKey as string))
    .$if(upTo !== undefined, (query) => query.where('id', '<=', upTo as string))
    .orderBy('id', 'desc')
    .offset(size)
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

export type FoundDevice = DeviceRow & {
  readonly product_name: string;
  readonly node_type: number;
  readonly category_key: string | null;
};

/** How many devices a search finds, and where. */
export interface Found extends DeviceCounts {
  readonly slices: readonly (Slice & { readonly total: number })[];
}

/**
 * How many devices a search finds in an instance.
 * @param size devices looked at in one statement
 */
export async function countFound(
  db: Db,
  instanceId: string,
  search: DeviceSearch,
  filter: FoundFilter = {},
  size = SLICE,
): Promise<Found> {
  const sought = { instanceId, search, filter };
  const product = wholeProduct(sought);
  if (product !== undefined) {
    const counts = await countDevices(db, instanceId, product);
    return { ...counts, slices: [{ above: undefined, upTo: undefined, total: counts.total }] };
  }
  const counts = { total: 0, activated: 0, online: 0 };
  const slices: Found['slices'][number][] = [];
  for await (const slice of slicesOf(db, sought, size)) {
    const row = await found(db, sought, slice)
      .select((eb) => [
        eb.fn.countAll<number>().as('total'),
        sql<number>`coalesce(sum(case when device.active_at is not null then 1 else 0 end), 0)`.as('activated'),
        sql<number>`coalesce(sum(case when device.status = 1 then 1 else 0 end), 0)`.as('online'),
      ])
      .executeTakeFirstOrThrow();
    counts.total += Number(row.total);
    counts.activated += Number(row.activated);
    counts.online += Number(row.online);
    slices.push({ ...slice, total: Number(row.total) });
  }
  return { ...counts, slices };
}

/**
 * A page of the devices that a search finds in an instance, newest first. `before` goes on after the device with that id.
 * @param where they were counted
 */
export async function pageOfFound(
  db: Db,
  instanceId: string,
  search: DeviceSearch,
  filter: FoundFilter,
  { slices }: Pick<Found, 'slices'>,
  page: { readonly before?: string | undefined; readonly offset: number; readonly limit: number },
): Promise<FoundDevice[]> {
  const { before } = page;
  const rows: FoundDevice[] = [];
  let skipped = page.offset;
  for (const slice of slices) {
    if (rows.length === page.limit) break;
    if (before !== undefined && slice.above !== undefined && before <= slice.above) continue;
    if (slice.total <= skipped) {
      skipped -= slice.total;
      continue;
    }
    const some = await found(db, { instanceId, search, filter }, slice)
      .selectAll('device')
      .select(['product.name as product_name', 'product.node_type', 'product.category_key'])
      .$if(before !== undefined, (query) => query.where('device.id', '<', before as string))
      .orderBy('device.id', 'desc')
      .limit(page.limit - rows.length)
      .offset(skipped)
      .execute();
    rows.push(...some);
    skipped = 0;
  }
  return rows;
}

/** Those of the devices that a search finds. Looks at each of them: at most some thousand. */
export async function foundAmong(db: Db, ids: readonly string[], search: DeviceSearch): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('device')
    .select('id')
    .where('id', 'in', [...ids])
    .where(foundBy(search, 'each'))
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** What a search may ask about one device; undefined when it does not exist. */
export async function searchedDevice(db: Db, id: string): Promise<SearchedDevice | undefined> {
  const device = await db
    .selectFrom('device')
    .select(['product_key', 'name', 'nickname', 'status'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!device) return undefined;
  const groups = await db.selectFrom('device_group_member').select('group_id').where('device_id', '=', id).execute();
  const tags = await db.selectFrom('device_prop').select(['key', 'value']).where('device_id', '=', id).execute();
  const modules = await db
    .selectFrom('module_version')
    .select(['module', 'version'])
    .where('device_id', '=', id)
    .execute();
  return {
    fields: {
      productKey: device.product_key,
      id,
      name: device.name,
      nickname: device.nickname,
      status: deviceStatusText(device.status),
    },
    groups: groups.map((row) => row.group_id),
    tag: tags.map((row) => ({ name: row.key, value: row.value })),
    module: modules.map((row) => ({ name: row.module, value: row.version })),
  };
}
