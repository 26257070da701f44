import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Db, Tx } from '../../../src/store/engine.ts';
import { openSqlite } from '../../../src/store/engine-sqlite.ts';
import {
  appliedNames,
  dueApplications,
  listAppliedDevices,
  takenNames,
} from '../../../src/store/queries/device-applications.ts';
import { findProps } from '../../../src/store/queries/device-props.ts';
import {
  countFound,
  countSearched,
  foundAmong,
  idsFound,
  pageOfFound,
} from '../../../src/store/queries/device-search.ts';
import {
  countDevices,
  countDevicesOfGroup,
  largestProducts,
  listDevicesByStatus,
  productsWithStatus,
  tallyDevices,
} from '../../../src/store/queries/device-states.ts';
import {
  findDevice,
  findDeviceDetail,
  findDeviceDetailByName,
  findDeviceDetails,
  findDevices,
  findDevicesByName,
  listDevices,
  lockDevicesByName,
} from '../../../src/store/queries/devices.ts';
import {
  countGroupsOf,
  countMembers,
  groupsOfDevice,
  listMembers,
  membersAmong,
} from '../../../src/store/queries/groups.ts';
import { countVersions, sliceOfProduct } from '../../../src/store/queries/modules.ts';
import {
  countSubDevices,
  findGateway,
  findSubDevices,
  gatewaysOf,
  subDevicesOf,
} from '../../../src/store/queries/topology.ts';
import { parseDeviceSearch } from '../../../src/wire/device-search-parser.ts';
import { spyOn } from '../../support/query-spy.ts';

const lock = (db: Db) => ({ db, lock: (query: unknown) => query }) as unknown as Tx;
const page = { offset: 20, limit: 10 };

const HELD = `tag.tag_name = "city" and tag.tag_value = "Rome" and ota_module.name = "mcu" and
  ota_module.version = "1.0" and group.group_id = "g"`;

function searchFor(rule: string) {
  const parsed = parseDeviceSearch(rule, { searchLength: 400, searchConditions: 5 });
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.search;
}

/** Every query whose tables grow with the fleet. */
const queries: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  findDevice: (db) => findDevice(db, 'i', 'd'),
  findDevices: (db) => findDevices(db, 'i', ['d', 'e']),
  findDevicesByName: (db) => findDevicesByName(db, 'i', 'p', ['d', 'e']),
  'lockDevicesByName, one product': (db) => lockDevicesByName(lock(db), 'i', new Map([['p', ['d', 'e']]])),
  'lockDevicesByName, two products': (db) =>
    lockDevicesByName(
      lock(db),
      'i',
      new Map([
        ['p', ['d', 'e']],
        ['q', ['d']],
      ]),
    ),
  listDevices: (db) => listDevices(db, 'i', 'p', page),
  'listDevices, continued': (db) => listDevices(db, 'i', 'p', { ...page, before: 'd' }),
  findDeviceDetail: (db) => findDeviceDetail(db, 'i', 'd'),
  findDeviceDetailByName: (db) => findDeviceDetailByName(db, 'i', 'p', 'd'),
  findDeviceDetails: (db) => findDeviceDetails(db, 'i', 'p', ['d', 'e']),
  listMembers: (db) => listMembers(db, 'i', 'g', page),
  countMembers: (db) => countMembers(db, 'g'),
  membersAmong: (db) => membersAmong(db, 'g', ['d', 'e']),
  countGroupsOf: (db) => countGroupsOf(db, ['d', 'e']),
  groupsOfDevice: (db) => groupsOfDevice(db, 'i', 'd'),
  listDevicesByStatus: (db) => listDevicesByStatus(db, 'p', 1, page),
  countDevicesOfGroup: (db) => countDevicesOfGroup(db, 'g'),
  findProps: (db) => findProps(db, 'd'),
  appliedNames: (db) => appliedNames(db, 1, { from: 0, to: 9 }),
  takenNames: (db) => takenNames(db, 'p', ['d', 'e']),
  listAppliedDevices: (db) => listAppliedDevices(db, { id: 1, product_key: 'p', cursor: 9 }, page),
  dueApplications: (db) => dueApplications(db, 1, 50),
  subDevicesOf: (db) => subDevicesOf(db, 'g'),
  countSubDevices: (db) => countSubDevices(db, 'g'),
  gatewaysOf: (db) => gatewaysOf(db, ['d', 'e']),
  findGateway: (db) => findGateway(db, 'g'),
  findSubDevices: (db) =>
    findSubDevices(
      db,
      'i',
      new Map([
        ['p', ['d', 'e']],
        ['q', ['d']],
      ]),
    ),
};

/** Where a search has found something: in one look at all devices, and in a slice of many. */
const everywhere = { slices: [{ above: undefined, upTo: undefined, total: 40 }] };
const oneSlice = { slices: [{ above: 'd', upTo: 'e', total: 40 }] };

const BEGUN = 'product_key = "p" and name like "lamp%" and status = "ONLINE"';
const first = { offset: 0, limit: 20 };
const bounds = { most: 1_000 };

/** What QueryDeviceBySQL asks for where an index has the devices: each takes so many statements. */
const begun: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  'by the beginning of a name': (db) => idsFound(db, 'i', searchFor(BEGUN), first, bounds),
  'counted by the beginning of a name': (db) => countSearched(db, 'i', searchFor(BEGUN), bounds),
  'in an order': (db) =>
    idsFound(db, 'i', searchFor(BEGUN), { ...first, order: { field: 'activeAt', descending: true } }, bounds),
  'by a name': (db) => idsFound(db, 'i', searchFor('product_key = "p" and name = "lamp"'), first, bounds),
  'by names, counted': (db) =>
    countSearched(db, 'i', searchFor('product_key = "p" and name in ("lamp", "door")'), bounds),
  'by ids': (db) => idsFound(db, 'i', searchFor('iot_id in ("d", "e") and nickname like "lamp%"'), first, bounds),
};

/** Searches: of given devices, in a product, in all products of an instance. */
const searches: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  'foundAmong, by fields': (db) => foundAmong(db, ['d', 'e'], searchFor('product_key = "p" and status = "ONLINE"')),
  'foundAmong, by what devices hold': (db) => foundAmong(db, ['d', 'e'], searchFor(HELD)),
  'countFound, a product': (db) => countFound(db, 'i', searchFor('product_key = "p" and status = "ONLINE"')),
  'pageOfFound, a product': (db) => pageOfFound(db, 'i', searchFor('product_key = "p"'), {}, everywhere, page),
  'pageOfFound, a slice': (db) => pageOfFound(db, 'i', searchFor('product_key = "p"'), {}, oneSlice, page),
  'pageOfFound, a slice, by what devices hold': (db) => pageOfFound(db, 'i', searchFor(HELD), {}, oneSlice, page),
  'countFound, by what devices hold': (db) => countFound(db, 'i', searchFor(HELD)),
};

/** Those that count and find products by the tally. */
const tallied: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  'countDevices, all': (db) => countDevices(db, 'i'),
  'countDevices, one product': (db) => countDevices(db, 'i', 'p'),
  'productsWithStatus, all': (db) => productsWithStatus(db, 'i', 1),
  'productsWithStatus, one product': (db) => productsWithStatus(db, 'i', 1, 'p'),
  tallyDevices: (db) => tallyDevices(db, 'i'),
  largestProducts: (db) => largestProducts(db, 'i', 50),
};

/** The plan of the one statement of each query, by name. */
async function plansOf(wanted: Readonly<Record<string, (db: Db) => Promise<unknown>>>): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-plans-'));
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
  await using engine = await openSqlite({ file: join(folder, 'plans.db') });
  await engine.migrate();
  const plans = new Map<string, string>();
  for (const [name, query] of Object.entries(wanted)) {
    const spy = spyOn(engine.read, 'sqlite');
    await query(spy.db);
    // before it counts, a search looks up how many devices its products have
    expect(spy.count(), name).toBe(name.startsWith('countFound') ? 2 : 1);
    plans.set(name, (await spy.plans()).join());
  }
  return plans;
}

// PostgreSQL plans by the sizes of tables, which are empty here: SQLite's plans do for both
test('queries of devices and groups walk neither a table nor an instance', async () => {
  for (const [name, plan] of await plansOf(queries)) expect(plan, name).not.toMatch(/\bSCAN\b|instance_id=/);
});

test('the index of the status serves the lists by status, which need nothing else, and no other query', async () => {
  for (const [name, plan] of await plansOf(queries)) {
    if (name === 'listDevicesByStatus') {
      expect(plan).toContain('SEARCH found USING COVERING INDEX device_status (product_key=? AND status=?)');
    } else {
      expect(plan, name).not.toContain('device_status');
    }
  }
});

test('lists of devices are read in their order, not sorted', async () => {
  const plans = await plansOf(queries);
  for (const name of ['listDevices', 'listDevices, continued', 'listAppliedDevices']) {
    expect(plans.get(name), name).not.toContain('TEMP B-TREE');
  }
});

test('the versions of a product are counted a slice at a time, in the order of the devices', async () => {
  const plans = await plansOf({
    sliceOfProduct: (db) => sliceOfProduct(db, 'p', 'd', 5_000),
    countVersions: (db) => countVersions(db, 'p', { after: 'd', upTo: 'e' }),
  });
  const slice = plans.get('sliceOfProduct') ?? '';
  expect(slice).toContain('SEARCH device USING COVERING INDEX device_product (product_key=? AND id>?)');
  expect(slice).not.toContain('TEMP B-TREE');
  const versions = plans.get('countVersions') ?? '';
  expect(versions).toContain('SEARCH device USING COVERING INDEX device_product (product_key=? AND id>? AND id<?)');
  expect(versions).toContain('SEARCH module_version USING PRIMARY KEY (device_id=?)');
});

test('searches look at given devices, at those of products, or at those that hold what is looked for', async () => {
  const plans = await plansOf(searches);
  for (const [name, plan] of plans) {
    expect(plan, name).not.toMatch(/\bSCAN\b/);
    if (name.startsWith('foundAmong')) expect(plan, name).toMatch(/SEARCH device USING .*id=\?/);
  }
  expect(plans.get('foundAmong, by what devices hold')).not.toContain('device_prop_tag');
  const all = plans.get('countFound, by what devices hold') ?? '';
  expect(all).toContain('SEARCH held USING INDEX device_prop_tag (key=? AND <expr>=?)');
  expect(all).toContain('SEARCH held USING COVERING INDEX module_version_version (module=? AND version=?)');
  expect(plans.get('pageOfFound, a product')).not.toContain('TEMP B-TREE');
  // what many devices hold is looked up for those of a slice only
  expect(plans.get('pageOfFound, a slice')).toMatch(
    /SEARCH device USING INDEX device_product \(product_key=\? AND id>\? AND id<\?\)/,
  );
  const held = plans.get('pageOfFound, a slice, by what devices hold') ?? '';
  expect(held).toContain('device_prop_tag (key=? AND <expr>=? AND device_id>? AND device_id<?)');
  expect(held).toContain('module_version_version (module=? AND version=? AND device_id>? AND device_id<?)');
});

test('devices are searched by their names and ids on the indexes of these', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-plans-'));
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
  await using engine = await openSqlite({ file: join(folder, 'plans.db') });
  await engine.migrate();
  const named = { instance_id: 'i', name: '', secret: '', node_type: 0, net_type: '', auth_type: '', description: '' };
  const product = { ...named, commodity_code: '', data_format: null, category_key: null, protocol_type: null };
  await engine.transaction(async ({ db }) => {
    await db.insertInto('account').values({ id: 'a', name: 'a', created_at: 1 }).execute();
    await db
      .insertInto('instance')
      .values({ id: 'i', account_id: 'a', name: '', is_public: 1, created_at: 1 })
      .execute();
    await db
      .insertInto('product')
      .values({ ...product, key: 'p', validate_type: 1, device_count: 1, created_at: 1 })
      .execute();
  });
  for (const [name, query] of Object.entries(begun)) {
    const spy = spyOn(engine.read, 'sqlite');
    await query(spy.db);
    const plans = await spy.plans();
    for (const plan of plans) expect(plan, name).not.toMatch(/\bSCAN\b/);
    const devices = plans.at(-1) ?? '';
    if (name.startsWith('by ids')) {
      expect(devices).toMatch(/SEARCH device USING INDEX \S+ \(id=\?\)/);
      continue;
    }
    if (name.includes('beginning') || name === 'in an order') {
      expect(devices, name).toMatch(/SEARCH device USING INDEX device_name \(product_key=\? AND name>\? AND name<\?\)/);
      // where the next part ends is read in the index alone
      expect(plans.at(-2), name).toMatch(
        /SEARCH device USING COVERING INDEX device_name \(product_key=\? AND name>\? AND name<\?\)/,
      );
    } else
      expect(devices, name).toMatch(
        /SEARCH device USING (?:COVERING )?INDEX device_name \(product_key=\? AND name=\?\)/,
      );
    if (name !== 'in an order' && name.startsWith('by the')) expect(devices, name).not.toContain('TEMP B-TREE');
  }
});

test('counts by status look at the products of an instance and their tallies, never at devices', async () => {
  for (const [name, plan] of await plansOf(tallied)) {
    expect(plan, name).not.toMatch(/\bSCAN\b|device(?!_tally)/);
    expect(plan, name).toMatch(/SEARCH device_tally USING PRIMARY KEY \(product_key=\?\)/);
  }
});
