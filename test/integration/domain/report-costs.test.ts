import { expect, it } from 'vitest';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { insertRoutes } from '../../../src/store/queries/events.ts';
import type { DeviceMessage } from '../../../src/wire/device-messages.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { spyOnTransactions } from '../../support/query-spy.ts';
import { createWorld, NEW, OLD, type World } from './world.ts';

/** How many statements a report of a device takes in its transaction: each is a way to the database and back. */
function meter(world: World, database: TestDatabase) {
  const { engine, costs } = spyOnTransactions(world.engine, database.kind);
  const node = createDeviceServices({ ...world.deps, engine }, 'node-1');
  return async (device: DeviceRef, message: DeviceMessage) => {
    costs();
    await node.report(device, message);
    const taken = costs();
    expect(taken).toHaveLength(1);
    return taken[0];
  };
}

const inform = (version: string): DeviceMessage => ({ kind: 'inform', id: '1', module: 'default', version });
const progress = (step: number): DeviceMessage => ({
  kind: 'progress',
  id: '1',
  module: 'default',
  step,
  description: '',
});

eachEngine('what a report costs', (database) => {
  it('is a bounded number of statements, where nobody listens to events', async () => {
    const world = await createWorld(database);
    const cost = meter(world, database);
    const [device, idle] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await world.job({ devices: [device] });
    await world.node.claim([device], 'fresh');
    // dynamic jobs of the module; jobs of the device's tasks; the version
    expect(await cost(idle, inform(OLD))).toBe(3);
    // and the jobs once more, now that the version holds; who listens
    expect(await cost(idle, inform('1.5.0'))).toBe(5);
    // the task, its job with who listens, the task again; the first time the counters, too
    expect(await cost(device, progress(10))).toBe(4);
    expect(await cost(device, progress(20))).toBe(3);
    // as above; and the tasks, the one that is done, its counters
    expect(await cost(device, inform(NEW))).toBe(8);
  });

  it('is one look-up more for progress that somebody listens to, whatever it does to the task', async () => {
    const world = await createWorld(database);
    const cost = meter(world, database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await world.job();
    await world.node.claim([device], 'fresh');
    const route = { instance_id: world.scope.instanceId, product_key: '', consumer: 'webhook:w' };
    await world.engine.transaction(({ db }) =>
      insertRoutes(db, [
        { ...route, type: 'ota.task.progress' },
        { ...route, type: 'ota.task.failed' },
      ]),
    );
    await world.progress(device, 10);
    expect(await cost(device, progress(20))).toBe(4);
    expect(await cost(device, progress(-1))).toBe(5);
    const told = await world.engine.read.selectFrom('event').select('type').orderBy('id').execute();
    expect(told.map(({ type }) => type)).toEqual([
      'ota.task.progress',
      'ota.task.progress',
      'ota.task.progress',
      'ota.task.failed',
    ]);
  });
});
