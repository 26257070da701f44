import { sql } from 'kysely';
import {
  type DeviceSearch,
  idsOf,
  namesOf,
  productsOf,
  type TimeField,
  withoutBeginning,
} from '../../wire/device-search.ts';
import { type DeviceEb, foundBy, type Lookup, passes, type Slice, timeColumns } from '../device-conditions.ts';
import type { Db } from '../engine.ts';
import { countDevices, type DeviceCounts } from './device-states.ts';
import type { DeviceRow } from './devices.ts';

/** Devices looked at in one statement: others get their turn between two of them, whatever a rule asks for. */
const SLICE = 10_000;

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

const found = (db: Db, sought: Sought, slice: Slice, lookup: Lookup = slice) => {
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
    .where((eb) => foundBy(search, lookup)(eb as unknown as DeviceEb));
};

/** All devices among which a search looks, in slices of so many, the newest first. */
async function* slicesOf(db: Db, sought: Sought, size: number): AsyncGenerator<Slice> {
  const products = await productsAmong(db, sought.instanceId, soughtProducts(sought));
  const large = products.reduce((sum, product) => sum + product.device_count, 0) > size;
  const [only, ...others] = products.filter((product) => product.device_count > 0);
  let upTo: string | undefined;
  do {
    const next = large ? await firstBelow(db, others.length === 0 ? only?.key : undefined, upTo, size) : undefined;
    yield { above: next, upTo };
    upTo = next;
  } while (upTo !== undefined);
}

/** Those of the products that are of the instance, all for undefined. */
async function productsAmong(db: Db, instanceId: string, keys: readonly string[] | undefined) {
  return db
    .selectFrom('product')
    .select(['key', 'device_count'])
    .where('instance_id', '=', instanceId)
    .$if(keys !== undefined, (query) => query.where('key', 'in', keys?.length ? [...keys] : ['']))
    .execute();
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

/** Which of the devices found are wanted. */
export interface Wanted {
  /** The order; without one that in which they are met. */
  readonly order?: { readonly field: TimeField; readonly descending: boolean } | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** How many devices are looked at in one statement, and in all. */
export interface Bounds {
  readonly size?: number;
  readonly most: number;
}

/**
 * The ids of devices that a search finds in an instance. They are met by their names where the search names a product
 * and how names begin, else the newest first, and no more of them are looked at than it takes to find those wanted.
 * @returns undefined when more devices than `most` would have to be looked at
 */
export async function idsFound(
  db: Db,
  instanceId: string,
  search: DeviceSearch,
  { order, offset, limit }: Wanted,
  { size = SLICE, most }: Bounds,
): Promise<string[] | undefined> {
  const sought = { instanceId, search, filter: {} };
  const upTo = offset + limit;
  let first: Place[] = [];
  let looked = 0;
  for await (const part of partsOf(db, sought, size)) {
    if (looked >= most) return undefined;
    looked += size;
    const isMetSo = !order || (part.by === 'id' && order.field === 'createdAt' && order.descending);
    const column = timeColumns[order?.field ?? 'createdAt'];
    const places = await foundIn(db, sought, part)
      .select(['device.id', `${column} as at`])
      .$if(!isMetSo, (query) => query.orderBy(sql`${sql.ref(column)} is null`))
      .$if(!isMetSo, (query) => query.orderBy(column, order?.descending ? 'desc' : 'asc'))
      .$if(isMetSo && part.by === 'name', (query) => query.orderBy('device.name'))
      .$if(!isMetSo || part.by !== 'name', (query) => query.orderBy('device.id', 'desc'))
      .limit(isMetSo ? upTo - first.length : upTo)
      .execute();
    first = first.concat(places);
    if (isMetSo && first.length === upTo) break;
    if (!isMetSo) first = first.sort(inOrder(order?.descending ?? false)).slice(0, upTo);
  }
  return first.slice(offset).map(({ id }) => id);
}

interface Place {
  readonly id: string;
  readonly at: number | null;
}

/** What never happened comes last. */
const inOrder = (descending: boolean) => (one: Place, other: Place) => {
  if (one.at === null || other.at === null)
    return Number(one.at === null) - Number(other.at === null) || (one.id < other.id ? 1 : -1);
  return (descending ? other.at - one.at : one.at - other.at) || (one.id < other.id ? 1 : -1);
};

/**
 * How many devices a search finds in an instance.
 * @returns undefined when more devices than `most` would have to be looked at
 */
export async function countSearched(
  db: Db,
  instanceId: string,
  search: DeviceSearch,
  { size = SLICE, most }: Bounds,
): Promise<number | undefined> {
  const sought = { instanceId, search, filter: {} };
  const product = wholeProduct(sought);
  if (product !== undefined) return (await countDevices(db, instanceId, product)).total;
  let total = 0;
  let looked = 0;
  for await (const part of partsOf(db, sought, size)) {
    if (looked >= most) return undefined;
    looked += size;
    const { count } = await foundIn(db, sought, part)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    total += Number(count);
  }
  return total;
}

/** Devices that one statement looks at: next to one another by their ids, or by their names in a product, or named one by one. */
type Part =
  | ({ readonly by: 'id' } & Slice)
  | {
      readonly by: 'name';
      readonly productKey: string;
      readonly prefix: string;
      readonly after: string | undefined;
      readonly upTo: string | undefined;
    }
  | { readonly by: 'given' };

const ALL: Slice = { above: undefined, upTo: undefined };
/** Follows every name that begins so: names are of ASCII. */
const endOf = (prefix: string) => `${prefix}\u{10ffff}`;

function foundIn(db: Db, sought: Sought, part: Part) {
  if (part.by === 'id') return found(db, sought, part);
  if (part.by === 'given') return found(db, sought, ALL, 'each');
  const { productKey, prefix, after, upTo } = part;
  // a second condition on how names begin would hide from the databases which few of them are meant
  const search = withoutBeginning(sought.search, prefix) ?? sought.search;
  return found(db, { ...sought, search }, ALL, 'each')
    .where('device.product_key', '=', productKey)
    .where('device.name', after === undefined ? '>=' : '>', after ?? prefix)
    .where('device.name', upTo === undefined ? '<' : '<=', upTo ?? endOf(prefix));
}

/** All devices among which a search looks, each part of them so many at most. */
async function* partsOf(db: Db, sought: Sought, size: number): AsyncGenerator<Part> {
  const { instanceId, search } = sought;
  const keys = soughtProducts(sought);
  const names = keys && namesOf(search);
  if (idsOf(search) || names?.kind === 'in') {
    yield { by: 'given' };
  } else if (names?.kind === 'prefix') {
    const { prefix } = names;
    for (const { key } of await productsAmong(db, instanceId, keys)) {
      for (let after: string | undefined, isLast = false; !isLast; ) {
        const upTo = await lastOfNext(db, key, prefix, after, size);
        yield { by: 'name', productKey: key, prefix, after, upTo };
        isLast = upTo === undefined;
        after = upTo;
      }
    }
  } else {
    for await (const slice of slicesOf(db, sought, size)) yield { by: 'id', ...slice };
  }
}

/** The last of the next `size` names of a product that begin so; undefined when there are not so many. */
async function lastOfNext(
  db: Db,
  productKey: string,
  prefix: string,
  after: string | undefined,
  size: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('device')
    .select('name')
    .where('product_key', '=', productKey)
    .where('name', after === undefined ? '>=' : '>', after ?? prefix)
    .where('name', '<', endOf(prefix))
    .orderBy('name')
    .offset(size - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.name;
}
