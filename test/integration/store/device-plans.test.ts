import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery, createQueryId, type KyselyPlugin, type RootOperationNode } from 'kysely';
import { expect, test } from 'vitest';
import type { Db, Tx } from '../../../src/store/engine.ts';
import { openSqlite } from '../../../src/store/engine-sqlite.ts';
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
import { countGroupsOf, countMembers, listMembers, membersAmong } from '../../../src/store/queries/groups.ts';

const lock = (db: Db) => ({ db, lock: (query: unknown) => query }) as unknown as Tx;
const page = { offset: 20, limit: 10 };

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
};

// PostgreSQL plans by the sizes of tables, which are empty here: SQLite's plans do for both
test('queries of devices and groups walk neither a table nor an instance', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-plans-'));
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
  await using engine = await openSqlite({ file: join(folder, 'plans.db') });
  await engine.migrate();
  const { read } = engine;
  for (const [name, query] of Object.entries(queries)) {
    const nodes: RootOperationNode[] = [];
    const spy: KyselyPlugin = {
      transformQuery({ node }) {
        nodes.push(node);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    await query(read.withPlugin(spy));
    const plans = [];
    for (const node of nodes) {
      const { sql, parameters } = read.getExecutor().compileQuery(node, createQueryId());
      const explained = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
      plans.push(...(await read.executeQuery<{ detail: string }>(explained)).rows.map((row) => row.detail));
    }
    expect(nodes, name).toHaveLength(1);
    expect(plans.join('\n'), name).not.toMatch(/\bSCAN\b|instance_id=/);
  }
});
