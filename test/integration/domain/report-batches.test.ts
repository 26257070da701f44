import type { KyselyPlugin } from 'kysely';
import { expect, it } from 'vitest';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { insertRoutes } from '../../../src/store/queries/events.ts';
import type { DeviceMessage } from '../../../src/wire/device-messages.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { spyOnTransactions } from '../../support/query-spy.ts';
import { dynamicJob, statesOf } from './dynamic-world.ts';
import { createWorld, expectConsistent, NEW, OLD, type World } from './world.ts';

const inform = (version: string): DeviceMessage => ({ kind: 'inform', id: '1', module: 'default', version });
const progress = (step: number): DeviceMessage => ({
  kind: 'progress',
  id: '1',
  module: 'default',
  step,
  description: '',
});

/** A node whose transactions are counted, and the statements of each. */
function watched(world: World, database: TestDatabase) {
  const { engine, costs } = spyOnTransactions(world.engine, database.kind);
  const node = createDeviceServices({ ...world.deps, engine }, 'node-1');
  return {
    node,
    /** Statements of each transaction since the last call. */
    costs,
  };
}

/** Notes the tables that rows are added to. */
const noting = (tables: string[]): KyselyPlugin => ({
  transformQuery({ node }) {
    if (node.kind === 'InsertQueryNode') tables.push(node.into?.table.identifier.name ?? '');
    return node;
  },
  transformResult: async ({ result }) => result,
});

eachEngine('reports that come at once', (database) => {
  it('share one transaction, whose statements do not grow with their number', async () => {
    const world = await createWorld(database);
    const { node, costs } = watched(world, database);
    const devices = await world.devices(100);
    const job = await world.job();
    await world.node.claim(devices, 'fresh');
    const all = (message: DeviceMessage) => Promise.all(devices.map((device) => node.report(device, message)));
    // the tasks, their jobs with who listens, the tasks again; the first time the counters, too
    await all(progress(10));
    expect(costs()).toEqual([4]);
    await all(progress(90));
    expect(costs()).toEqual([3]);
    // as for one (what a report costs)
    expect(await all(inform(NEW))).toEqual(devices.map(() => []));
    expect(costs()).toEqual([8]);
    const tasks = await world.tasks(job);
    expect(tasks.every(({ status, progress: step }) => status === 'SUCCEEDED' && step === 100)).toBe(true);
    await expectConsistent(world);
  });

  it('mean for each device what they mean alone', async () => {
    const world = await createWorld(database);
    const { node, costs } = watched(world, database);
    const devices = await world.devices(6);
    const [arrived, third, early, unknown, failed, moved] = devices as DeviceRef[];
    const route = { instance_id: world.scope.instanceId, product_key: '', consumer: 'webhook:w' };
    await world.engine.transaction(({ db }) =>
      insertRoutes(db, [
        { ...route, type: 'ota.version.changed' },
        { ...route, type: 'ota.task.succeeded' },
        { ...route, type: 'ota.task.failed' },
      ]),
    );
    const job = await world.job({ devices: devices.filter((device) => device !== unknown) });
    await world.node.claim([arrived, third, failed, moved] as DeviceRef[], 'fresh');
    await node.report(third as DeviceRef, progress(10));
    costs();
    const answers = await Promise.all([
      node.report(arrived as DeviceRef, inform(NEW)),
      node.report(third as DeviceRef, inform('1.5.0')),
      node.report(early as DeviceRef, inform(OLD)),
      node.report(unknown as DeviceRef, inform('3.0.0')),
      node.report(failed as DeviceRef, progress(-2)),
      node.report(moved as DeviceRef, progress(40)),
    ]);
    expect(costs()).toHaveLength(2);
    expect(answers.map((replies) => replies.map(({ notice }) => notice.kind))).toEqual([
      [],
      [],
      ['upgrade'],
      [],
      [],
      [],
    ]);
    const state = async (device: DeviceRef | undefined) => (await world.task(job, device as DeviceRef)).status;
    expect(await Promise.all([arrived, third, early, failed, moved].map(state))).toEqual([
      'SUCCEEDED',
      'FAILED',
      'NOTIFIED',
      'FAILED',
      'IN_PROGRESS',
    ]);
    const told = await world.engine.read.selectFrom('event').select(['type', 'payload']).execute();
    const names = told.map(({ type, payload }) => `${type} ${(/dev-\d+/.exec(payload) ?? [])[0]}`).sort();
    const [a, b, , d, e] = devices.map(({ deviceName }) => deviceName);
    expect(names).toEqual([
      `ota.task.failed ${b}`,
      `ota.task.failed ${e}`,
      `ota.task.succeeded ${a}`,
      `ota.version.changed ${a}`,
      `ota.version.changed ${b}`,
      `ota.version.changed ${d}`,
    ]);
    await expectConsistent(world);
  });

  it('move the counters in one go, in the order of their keys, whatever they mean', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(4);
    const [done, told, over, waits] = devices as [DeviceRef, DeviceRef, DeviceRef, DeviceRef];
    await world.job({ devices: [done, told] });
    await world.job({ devices: [over, waits] });
    await world.node.claim([done, over], 'fresh');
    const sent: string[] = [];
    const engine: Engine = {
      ...world.engine,
      transaction: (work) => world.engine.transaction((tx) => work({ ...tx, db: tx.db.withPlugin(noting(sent)) })),
    };
    const node = createDeviceServices({ ...world.deps, engine }, 'node-1');
    const said = [inform(NEW), inform(OLD), inform(NEW), inform(OLD)];
    const answers = await Promise.all(
      devices.map((device, index) => node.report(device, said[index] as DeviceMessage)),
    );
    expect(answers.map((replies) => replies.length)).toEqual([0, 1, 0, 1]);
    expect(sent.filter((table) => table === 'task_count')).toHaveLength(1);
    await expectConsistent(world);
  });

  it('are recorded in order for one device, and one of them does not fail the others', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(3);
    const job = await world.job();
    await world.node.claim(devices, 'fresh');
    const [gone, ...others] = devices as [DeviceRef, ...DeviceRef[]];
    await Promise.all([10, 20, 30].flatMap((step) => devices.map((device) => world.progress(device, step))));
    expect((await world.tasks(job)).map((task) => task.progress)).toEqual([30, 30, 30]);
    // as somebody deletes it in this moment: there is no row that its version could belong to
    await world.engine.transaction(({ db }) => db.deleteFrom('device').where('id', '=', gone.deviceId).execute());
    const outcomes = await Promise.allSettled(devices.map((device) => world.inform(device, NEW)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    for (const device of others) expect((await world.task(job, device)).status).toBe('SUCCEEDED');
  });

  it('bring those devices into a dynamic job that belong there', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(4, { version: '0.9.0' });
    const job = await dynamicJob(world);
    await world.advance(job);
    const versions = [OLD, '0.9.0', OLD, '1.1.0'];
    await Promise.all(devices.map((device, index) => world.inform(device, versions[index] as string)));
    const states = await Promise.all(devices.map((device) => statesOf(world, job, device)));
    expect(states).toEqual([['QUEUED'], [], ['QUEUED'], []]);
    await expectConsistent(world);
  });
});
