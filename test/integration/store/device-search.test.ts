import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Db, Engine } from '../../../src/store/engine.ts';
import {
  countFound,
  countSearched,
  foundAmong,
  idsFound,
  pageOfFound,
} from '../../../src/store/queries/device-search.ts';
import { searchedDevice } from '../../../src/store/queries/searched-devices.ts';
import { type DeviceSearch, finds } from '../../../src/wire/device-search.ts';
import { parseDeviceSearch } from '../../../src/wire/device-search-parser.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOn } from '../../support/query-spy.ts';

const texts = ['a', 'ab', 'abc', 'b', '', '杭', '杭州', 'A', '😀', `${'v'.repeat(70)}1`, `${'v'.repeat(70)}2`] as const;
const keys = ['p1', 'p2', 'p3'] as const;
const groups = ['g1', 'g2', 'g3'] as const;
const statuses = { 0: 'UNACTIVE', 1: 'ONLINE', 3: 'OFFLINE', 8: 'DISABLE' } as const;
const text = fc.constantFrom(...texts);

const quoted = (value: string) => `"${value}"`;
const inOf = (values: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.tuple(fc.constantFrom('=', '!=', '<>'), values).map(([operator, value]) => `${operator} ${quoted(value)}`),
    fc
      .tuple(fc.constantFrom('in', 'not in'), fc.array(values, { minLength: 1, maxLength: 3 }))
      .map(([operator, several]) => `${operator} (${several.map(quoted).join(', ')})`),
  );
const testOf = (values: fc.Arbitrary<string>) =>
  fc.oneof(
    inOf(values),
    fc
      .tuple(fc.constantFrom('like', 'not like'), values, fc.constantFrom('%', ''))
      .map(([operator, value, star]) => `${operator} "${value}${star}"`),
  );
const condition = fc.oneof(
  testOf(fc.constantFrom(...keys)).map((test) => `product_key ${test}`),
  testOf(fc.constantFrom('d1', 'd2', 'd')).map((test) => `iot_id ${test}`),
  testOf(text).map((test) => `nickname ${test}`),
  testOf(fc.constantFrom('lamp', 'lamp-1', 'lamp-2')).map((test) => `name ${test}`),
  inOf(fc.constantFrom(...Object.values(statuses))).map((test) => `status ${test}`),
  testOf(fc.constantFrom(...groups, 'g')).map((test) => `group.group_id ${test}`),
  fc
    .tuple(fc.constantFrom('tag.tag_name', 'tag.tag_value', 'ota_module.name', 'ota_module.version'), testOf(text))
    .map(([field, test]) => `${field} ${test}`),
);
const moment = fc.constantFrom(0, 5, 10);
const momentText = (ms: number) => `"1970-01-01 08:00:00.0${String(ms).padStart(2, '0')}"`;
const timeCondition = fc
  .tuple(
    fc.constantFrom('active_time', 'gmt_create', 'gmt_modified'),
    fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    moment,
  )
  .map(([field, operator, ms]) => `${field} ${operator} ${momentText(ms)}`);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    condition,
    timeCondition,
    fc
      .tuple(fc.array(tie('expression'), { minLength: 2, maxLength: 4 }), fc.constantFrom(' and ', ' or '))
      .map(([of, by]) => of.join(by)),
    tie('expression').map((of) => `(${of})`),
    tie('expression').map((of) => `not (${of})`),
    tie('expression').map((of) => `not ${of}`),
  ),
}));

interface Device {
  readonly product: string;
  readonly nickname: string;
  readonly active: number | null;
  readonly modified: number;
  readonly status: keyof typeof statuses;
  readonly groups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly modules: Readonly<Record<string, string>>;
}

const pairs = fc.dictionary(text, text, { maxKeys: 3 });
const device: fc.Arbitrary<Device> = fc.record({
  product: fc.constantFrom('p1', 'p2'),
  nickname: text,
  active: fc.option(moment),
  modified: moment,
  status: fc.constantFrom(0 as const, 1 as const, 3 as const, 8 as const),
  groups: fc.subarray(['g1', 'g2']),
  tags: pairs,
  modules: pairs,
});

function searchFor(rule: string): DeviceSearch {
  const parsed = parseDeviceSearch(rule, { searchLength: 1e9, searchConditions: 1e9 });
  if (!parsed.ok) throw new Error(`${rule}: ${parsed.detail}`);
  return parsed.search;
}

async function store(engine: Engine, devices: readonly Device[]): Promise<string[]> {
  const ids = devices.map((_, index) => `d${index}`);
  await engine.transaction(async (tx) => {
    await tx.db.deleteFrom('device').execute();
    await tx.bulkInsert(
      'device',
      devices.map((one, index) => ({
        id: ids[index] as string,
        instance_id: 'i',
        product_key: one.product,
        name: `lamp-${index}`,
        secret: '',
        nickname: one.nickname,
        status: one.status,
        active_at: one.active,
        online_at: null,
        status_at: 1,
        ip: null,
        created_at: 5,
        modified_at: one.modified,
      })),
    );
    const rows = <T>(row: (one: Device, id: string) => readonly T[]) =>
      devices.flatMap((one, index) => row(one, ids[index] as string));
    await tx.bulkInsert(
      'device_group_member',
      rows((one, id) => one.groups.map((group) => ({ group_id: group, device_id: id, added_at: 1 }))),
    );
    await tx.bulkInsert(
      'device_prop',
      rows((one, id) => Object.entries(one.tags).map(([key, value]) => ({ device_id: id, key, value }))),
    );
    await tx.bulkInsert(
      'module_version',
      rows((one, id) =>
        Object.entries(one.modules).map(([module, version]) => ({ device_id: id, module, version, reported_at: 1 })),
      ),
    );
  });
  return ids;
}

async function prepare(engine: Engine): Promise<void> {
  await engine.transaction(async ({ db }) => {
    await db.insertInto('account').values({ id: 'a', name: 'a', created_at: 1 }).execute();
    await db
      .insertInto('instance')
      .values({ id: 'i', account_id: 'a', name: '', is_public: 1, created_at: 1 })
      .execute();
    for (const key of ['p1', 'p2']) await db.insertInto('product').values(productRow(key)).execute();
    for (const id of ['g1', 'g2']) {
      const named = { name: id, description: '', type: 'LINK_PLATFORM', parent_id: null, level: 1 };
      await db
        .insertInto('device_group')
        .values({ id, instance_id: 'i', created_at: 1, ...named })
        .execute();
    }
  });
}

const productRow = (key: string) => ({
  key,
  instance_id: 'i',
  name: key,
  secret: '',
  node_type: 0,
  data_format: null,
  net_type: '',
  auth_type: '',
  commodity_code: '',
  category_key: null,
  protocol_type: null,
  validate_type: 1,
  description: '',
  device_count: 8,
  created_at: 1,
});

const inMemory = async (db: Db, ids: readonly string[], search: DeviceSearch) => {
  const found: string[] = [];
  for (const id of ids) {
    const searched = await searchedDevice(db, id);
    if (searched && finds(search, searched)) found.push(id);
  }
  return found;
};

eachEngine('a device search', (database) => {
  it('finds in the database what it finds device by device, listed, counted and among given ones', async () => {
    const engine = await database.open();
    await prepare(engine);
    await fc.assert(
      fc.asyncProperty(
        fc.array(device, { minLength: 1, maxLength: 8 }),
        fc.array(expression, { minLength: 4, maxLength: 4 }),
        // all devices at once, or in slices; the second page by its number, or by what came before
        fc.constantFrom(3, undefined),
        fc.boolean(),
        async (devices, rules, size, skips) => {
          const ids = await store(engine, devices);
          for (const rule of rules) {
            const search = searchFor(rule);
            const expected = await inMemory(engine.read, ids, search);
            const online = expected.filter((id) => devices[Number(id.slice(1))]?.status === 1).length;
            const counted = await countFound(engine.read, 'i', search, {}, size);
            expect(counted, rule).toMatchObject({ total: expected.length, online });
            const newestFirst = expected.toReversed();
            const bounds = { size: size ?? 100, most: 1_000 };
            expect(await countSearched(engine.read, 'i', search, bounds), rule).toBe(expected.length);
            const sought = async (wanted: Parameters<typeof idsFound>[3]) =>
              idsFound(engine.read, 'i', search, wanted, bounds);
            expect((await sought({ offset: 0, limit: 100 }))?.sort(), rule).toEqual(expected);
            for (const descending of [true, false]) {
              const at = (id: string) => devices[Number(id.slice(1))]?.active ?? (descending ? -1 : 99);
              const inOrder = newestFirst.toSorted((a, b) => (descending ? at(b) - at(a) : at(a) - at(b)));
              const wanted = { order: { field: 'activeAt', descending }, offset: 1, limit: 3 } as const;
              expect(await sought(wanted), rule).toEqual(inOrder.slice(1, 4));
            }
            const listed = async (page: { offset: number; limit: number; before?: string }) =>
              (await pageOfFound(engine.read, 'i', search, {}, counted, page)).map(({ id }) => id);
            expect(await listed({ offset: 0, limit: 100 }), rule).toEqual(newestFirst);
            const [before] = newestFirst;
            const second = before === undefined || skips ? { offset: 1, limit: 4 } : { offset: 0, limit: 4, before };
            expect(await listed(second), rule).toEqual(newestFirst.slice(1, 5));
            expect([...(await foundAmong(engine.read, ids, search))].sort(), rule).toEqual(expected);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

eachEngine('a device search among many', (database) => {
  const SIZE = 100;
  const MANY = 1_000;

  it('looks at a bounded number of them in a statement, in order, of one product or of several', async () => {
    const engine = await database.open();
    await prepare(engine);
    const devices = Array.from(
      { length: MANY },
      (_, index): Device => ({
        product: index % 10 === 0 ? 'p2' : 'p1',
        nickname: '',
        active: index,
        modified: 1_000 - index,
        status: index % 50 === 0 ? 1 : 3,
        groups: [],
        tags: index % 200 === 7 ? { a: 'b' } : {},
        modules: {},
      }),
    );
    await engine.transaction(({ db }) =>
      db
        .updateTable('product')
        .set({ device_count: MANY - 100 })
        .execute(),
    );
    const ids = (await store(engine, devices)).map((id, index) => ({ id, ...(devices[index] as Device) }));
    for (const [rule, isFound, slices] of [
      ['product_key = "p1" and status = "OFFLINE"', (one: Device) => one.product === 'p1' && one.status === 3, 9],
      // all of a product: its tally
      ['product_key = "p1"', (one: Device) => one.product === 'p1', 1],
      ['tag.tag_name = "a" and tag.tag_value = "b"', (one: Device) => 'a' in one.tags, 10],
      ['not tag.tag_name = "a"', (one: Device) => !('a' in one.tags), 10],
      ['nickname = "nobody"', () => false, 10],
    ] as const) {
      const search = searchFor(rule);
      const expected = ids.filter(isFound).map(({ id }) => id);
      const newestFirst = expected.sort().toReversed();
      const spy = spyOn(engine.read, database.kind);
      const counted = await countFound(spy.db, 'i', search, {}, SIZE);
      expect([counted.total, counted.slices.length], rule).toEqual([newestFirst.length, slices]);
      // the products; for each slice, where it ends and what is in it
      expect(spy.count(), rule).toBe(slices === 1 ? 1 : 1 + 2 * slices);
      const deep = Math.max(0, newestFirst.length - 5);
      const last = await pageOfFound(spy.db, 'i', search, {}, counted, { offset: deep, limit: 10 });
      expect(
        last.map(({ id }) => id),
        rule,
      ).toEqual(newestFirst.slice(deep));
      const walks = (await spy.plans()).filter((plan) => /\bSCAN (?:device|held)(?! USING COVERING)/.test(plan));
      if (database.kind === 'sqlite') expect(walks, rule).toEqual([]);
    }
  });
});

eachEngine('a search by the beginning of a name', (database) => {
  const SIZE = 100;

  it('meets the devices of a product by their names, and looks at no more than it takes', async () => {
    const engine = await database.open();
    await prepare(engine);
    const devices = Array.from({ length: 600 }, (_, index): Device => {
      const rest = { nickname: '', active: null, modified: 1, groups: [], tags: {}, modules: {} };
      return { product: index % 3 === 0 ? 'p2' : 'p1', status: index % 2 === 0 ? 1 : 3, ...rest };
    });
    await store(engine, devices);
    // lamp-1, lamp-10 … lamp-19, lamp-100 … lamp-199
    const begun = devices.flatMap((one, index) =>
      String(index).startsWith('1') && one.product === 'p1' ? [index] : [],
    );
    const byName = begun.map((index) => `lamp-${index}`).sort();
    const rule = 'product_key = "p1" and name like "lamp-1%"';
    const search = searchFor(rule);
    const namesOf = async (ids: readonly string[] | undefined) => (ids ?? []).map((id) => `lamp-${id.slice(1)}`);
    const bounds = { size: 20, most: 1_000 };
    const spy = spyOn(engine.read, database.kind);
    const found = async (offset: number, limit: number) =>
      namesOf(await idsFound(spy.db, 'i', search, { offset, limit }, bounds));
    expect(await found(0, 100)).toEqual(byName);
    expect(await found(70, 10)).toEqual(byName.slice(70));
    spy.count();
    expect(await found(3, 5)).toEqual(byName.slice(3, 8));
    expect(await countSearched(spy.db, 'i', search, bounds)).toBe(byName.length);
    const before = spy.count();
    await found(0, 5);
    // the products, where the first names end, and those of them that are wanted
    expect(spy.count() - before).toBe(3);

    if (database.kind === 'postgres')
      // so few devices would be read without an index: what counts is that the index has the range
      await engine.transaction(async ({ db }) => {
        await sql`set local enable_seqscan = off`.execute(db);
        const watched = spyOn(db, 'postgres');
        await idsFound(watched.db, 'i', search, { offset: 0, limit: 5 }, bounds);
        const range = /device_name[\s\S]*Index Cond: \(.*name >= 'lamp-1'.*name <=? 'lamp-1/;
        for (const plan of (await watched.plans()).slice(1)) expect(plan).toMatch(range);
      });

    const online = searchFor(`${rule} and status = "ONLINE"`);
    const expected = byName.filter((name) => Number(name.slice(5)) % 2 === 0);
    expect(await namesOf(await idsFound(spy.db, 'i', online, { offset: 0, limit: 100 }, bounds))).toEqual(expected);
    const both = searchFor('product_key in ("p1", "p2") and name like "lamp-1%"');
    expect(await countSearched(spy.db, 'i', both, bounds)).toBe(111);
    for (const odd of ['lamp\\%', 'lamp_%', "lamp-1'%", '😀%', '灯%'])
      expect(await countSearched(spy.db, 'i', searchFor(`product_key = "p1" and name like "${odd}"`), bounds)).toBe(0);
    expect(await countSearched(spy.db, 'i', searchFor('product_key = "p1" and name like "%"'), bounds)).toBe(400);
  });

  it('gives up where more devices would have to be looked at than one call may', async () => {
    const engine = await database.open();
    await prepare(engine);
    await engine.transaction(({ db }) => db.updateTable('product').set({ device_count: 500 }).execute());
    const rest = { nickname: '', active: null, modified: 1, groups: [], tags: {}, modules: {} };
    await store(
      engine,
      Array.from({ length: 500 }, (_, index): Device => ({ product: 'p1', status: index < 10 ? 1 : 3, ...rest })),
    );
    const bounds = { size: SIZE, most: 3 * SIZE };
    const count = (rule: string) => countSearched(engine.read, 'i', searchFor(rule), bounds);
    const list = (rule: string) => idsFound(engine.read, 'i', searchFor(rule), { offset: 0, limit: 5 }, bounds);
    expect(await count('status = "OFFLINE"')).toBeUndefined();
    expect(await count('product_key = "p1"')).toBe(500); // by its tally
    expect(await count('product_key = "p1" and name like "lamp%"')).toBeUndefined();
    expect(await count('product_key = "p1" and name like "lamp-4%"')).toBe(111);
    expect(await list('status = "OFFLINE"')).toHaveLength(5);
    expect(await list('product_key = "p1" and name like "lamp-%"')).toEqual(['d0', 'd1', 'd10', 'd100', 'd101']);
    expect(await list('product_key = "p1" and name like "lamp-%" and nickname = "nobody"')).toBeUndefined();
    expect(await list('nickname = "nobody"')).toBeUndefined();
  });
});
