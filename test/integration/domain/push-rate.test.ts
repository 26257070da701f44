import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { callWaiting } from '../../../src/domain/push-calls.ts';
import { changeJob } from '../../../src/domain/update-job.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

const get = { kind: 'get', id: '7', module: undefined } as const;
const called = ({ nudges }: Pick<World, 'nudges'>) =>
  nudges.flatMap((nudge) => (nudge.kind === 'push' ? nudge.deviceIds : []));

async function connectedDevices(world: World, count: number): Promise<DeviceRef[]> {
  const devices = await world.devices(count);
  await connect(world, devices);
  return devices;
}

async function connect(world: World, devices: readonly DeviceRef[]): Promise<void> {
  await world.engine.transaction((tx) =>
    tx.bulkInsert(
      'presence',
      devices.map(({ deviceId }) => ({ device_id: deviceId, node_id: 'n', connection_id: deviceId, connected_at: 1 })),
    ),
  );
}

/** Lets time pass, and asks for those who are called. @returns how many are told */
async function passAndPush(world: World, devices: readonly DeviceRef[], ms: number): Promise<number> {
  world.nudges.length = 0;
  await world.pass(ms);
  const ids = new Set(called(world));
  const some = devices.filter((device) => ids.has(device.deviceId));
  return some.length === 0 ? 0 : (await world.node.claim(some, 'fresh')).length;
}

eachEngine('MaximumPerMinute', (database) => {
  it('holds over any 60 seconds, not only over those of the clock; who waits is called in turn', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 25);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.clock.advance(59_000);
    expect(await world.node.claim(devices, 'fresh')).toHaveLength(10);
    expect(await world.node.claim(devices, 'all')).toHaveLength(10); // told before: they count nothing
    for (const ms of [1_000, 58_999]) expect(await passAndPush(world, devices, ms)).toBe(0);
    expect(await passAndPush(world, devices, 1)).toBe(10);
    expect(await world.node.claim(devices, 'fresh')).toEqual([]);
    expect(await passAndPush(world, devices, 59_999)).toBe(0);
    expect(await passAndPush(world, devices, 1)).toBe(5);
    await world.pass(1_000);
    expect(await world.jobRow(job)).toMatchObject({ call_at: null });
    expect((await world.tasks(job)).every((task) => task.status === 'NOTIFIED' && task.waiting_at === null)).toBe(true);
    await expectConsistent(world);
  });

  it('holds for pushes that come one by one, second for second', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 40);
    await world.job({ maximumPerMinute: 10 });
    const times: number[] = [];
    for (let second = 0; second < 150; second += 1) {
      const some = devices.slice((second * 7) % 38, ((second * 7) % 38) + 2);
      for (const _ of await world.node.claim(some, 'fresh')) times.push(world.clock.now());
      await world.clock.advance(1_000);
    }
    for (const at of times) expect(times.filter((other) => other > at - MINUTE && other <= at).length).toBeLessThan(11);
    expect(times.length).toBeGreaterThan(20);
  });

  it('holds for several nodes and schedulers together', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const devices = await connectedDevices(here, 90);
    const job = await here.job({ maximumPerMinute: 20 });
    for (let minute = 0; minute < 3; minute += 1) {
      const parts = Array.from({ length: 9 }, (_, part) => devices.slice(part * 10, part * 10 + 10));
      const answers = await Promise.all([
        ...parts.map((part, i) => (i % 2 ? here : there).node.claim(part, i % 3 ? 'all' : 'fresh')),
        callWaiting(here.deps, 10),
        callWaiting(there.deps, 10),
      ]);
      const fresh = answers.flatMap((answer) => (Array.isArray(answer) ? answer.filter((push) => push.fresh) : []));
      expect(fresh).toHaveLength(20);
      await here.clock.advance(MINUTE);
    }
    const tasks = await here.tasks(job);
    expect(tasks.filter((task) => task.status === 'NOTIFIED')).toHaveLength(60);
    await expectConsistent(here);
  });

  it('writes a task down once when it has to wait, however often its device is looked at', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 40);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices, 'fresh');
    const [tasks, row] = [await world.tasks(job), await world.jobRow(job)];
    expect(tasks.filter((task) => task.waiting_at === world.clock.now())).toHaveLength(30);
    for (let look = 0; look < 5; look += 1) {
      await world.pass(10_000);
      expect(await world.node.claim(devices, 'fresh')).toEqual([]);
      for (const device of devices.slice(38)) expect(await world.inform(device, OLD)).toEqual([]);
    }
    expect(await world.tasks(job)).toEqual(tasks);
    const { push_log, call_at } = row;
    expect(await world.jobRow(job)).toMatchObject({ push_log, call_at });
    // nor does a call write any of them
    await world.clock.advance(10_000);
    await callWaiting(world.deps, 10);
    expect(await world.tasks(job)).toEqual(tasks);
  });

  it('is each job its own: a slow one holds up nobody else', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 400);
    const [slow, fast] = [devices.slice(0, 200), devices.slice(200)];
    await world.job({ maximumPerMinute: 10, devices: slow });
    await world.job({ maximumPerMinute: 150, devices: fast });
    expect(await world.node.claim(devices, 'fresh')).toHaveLength(160);
    world.nudges.length = 0;
    await world.clock.advance(MINUTE);
    while (await callWaiting(world.deps, 1));
    const ids = new Set(called(world));
    expect(slow.filter((device) => ids.has(device.deviceId))).toHaveLength(10);
    expect(fast.filter((device) => ids.has(device.deviceId))).toHaveLength(50);
    const some = devices.filter((device) => ids.has(device.deviceId));
    expect(await world.node.claim(some, 'fresh')).toHaveLength(60);
    await expectConsistent(world);
  });

  it('passes over devices that have gone, in steps; they are told when they come back', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 60);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices, 'fresh');
    const gone = devices.slice(10, 50);
    await world.engine.transaction(({ db }) =>
      db
        .deleteFrom('presence')
        .where(
          'device_id',
          'in',
          gone.map((device) => device.deviceId),
        )
        .execute(),
    );
    expect(await passAndPush(world, devices, MINUTE)).toBe(10);
    expect((await world.tasks(job)).filter((task) => task.status === 'NOTIFIED').map((task) => task.seq)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => i),
      ...Array.from({ length: 10 }, (_, i) => i + 50),
    ]);
    await world.pass(MINUTE);
    expect((await world.jobRow(job)).call_at).toBe(null);
    await connect(world, gone.slice(0, 1));
    expect(await world.node.claim(gone.slice(0, 1), 'all')).toHaveLength(1);
    await expectConsistent(world);
  });

  it('calls again who was called and did not ask, and who waits longest first', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 30);
    await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices.slice(0, 10), 'fresh');
    await world.node.claim(devices.slice(20), 'fresh');
    await world.clock.advance(1);
    await world.node.claim(devices, 'fresh');
    world.nudges.length = 0;
    await world.pass(MINUTE);
    const longest = devices.slice(20).map((device) => device.deviceId);
    expect(called(world)).toEqual(longest);
    await world.pass(1_000);
    expect(called(world)).toEqual([...longest, ...longest]);
  });

  it('that is raised calls who waits at once', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 30);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices, 'fresh');
    const update = { target: 'ALL', upgradeType: 'STATIC', timeoutMinutes: undefined, tags: [] };
    await changeJob(world.deps, world.scope, job, { ...update, maximumPerMinute: 25 });
    expect(await passAndPush(world, devices, 0)).toBe(15);
    await changeJob(world.deps, world.scope, job, { ...update, maximumPerMinute: 10 });
    expect(await passAndPush(world, devices, MINUTE - 1)).toBe(0);
    expect(await passAndPush(world, devices, 1)).toBe(5);
  });

  it('holds back a push after a version report, but not a package that the device asks for', async () => {
    const world = await createWorld(database);
    const devices = await connectedDevices(world, 12);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices.slice(0, 10), 'fresh');
    const [asking, reporting] = devices.slice(10) as [DeviceRef, DeviceRef];
    expect(await world.inform(reporting, OLD)).toEqual([]);
    expect(await world.inform(asking, OLD)).toEqual([]);
    expect((await world.task(job, reporting)).status).toBe('QUEUED');
    expect(await world.node.report(asking, get)).toMatchObject([{ notice: { package: { version: NEW } } }]);
    expect(await world.task(job, asking)).toMatchObject({ status: 'NOTIFIED', waiting_at: null });
    await world.clock.advance(MINUTE);
    expect(await world.inform(reporting, OLD)).toHaveLength(1);
  });
});
