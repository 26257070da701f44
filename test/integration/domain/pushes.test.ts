import { describe, expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { settleDueTasks } from '../../../src/domain/due-tasks.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import type { Nudge } from '../../../src/store/engine.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

const one = async (world: World) => ((await world.devices(1)) as [DeviceRef])[0];
const get = { kind: 'get', id: '7', module: undefined } as const;
const request = { kind: 'request', id: '7', version: OLD } as const;
const called = (nudges: readonly Nudge[]) => nudges.flatMap((nudge) => (nudge.kind === 'push' ? nudge.deviceIds : []));

eachEngine('a push', (database) => {
  it('tells a device once about a queued task, which is NOTIFIED then', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    const firmwareId = await world.firmware({ udi: '{"a":1}' });
    const job = await world.job({ firmwareId, tags: [{ key: 'k', value: 'v' }] });
    await world.clock.advance(5);
    expect(await world.node.claim([device], 'fresh')).toEqual([
      {
        device,
        taskId: taskId(job, 0),
        notice: {
          kind: 'upgrade',
          messageId: world.clock.now(),
          package: {
            version: NEW,
            module: 'default',
            isDiff: false,
            signMethod: 'MD5',
            files: [expect.objectContaining({ size: 84, md5: 'd41d8cd98f00b204e9800998ecf8427e' })],
            extData: { k: 'v', _package_udi: '{"a":1}' },
          },
        },
        fresh: true,
      },
    ]);
    expect(await world.task(job, device)).toMatchObject({
      status: 'NOTIFIED',
      modified_at: world.clock.now(),
      progress: 0,
    });
    expect(await world.node.claim([device], 'fresh')).toEqual([]);
    await expectConsistent(world);
  });

  it('goes to one of two nodes that ask for the same device at the same time', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const devices = await here.devices(40);
    await here.job();
    const answers = await Promise.all([0, 1, 2, 3].map((i) => (i % 2 ? here : there).node.claim(devices, 'fresh')));
    const told = answers.flat().map((push) => push.device.deviceId);
    expect(told.sort()).toEqual(devices.map((device) => device.deviceId).sort());
    await expectConsistent(here);
  });

  it('is repeated to a device that connects again, whether NOTIFIED or IN_PROGRESS, without a change of state', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    const job = await world.job();
    await world.node.claim([device], 'all');
    const notified = await world.task(job, device);
    await world.clock.advance(MINUTE);
    expect(await world.node.claim([device], 'all')).toHaveLength(1);
    expect(await world.task(job, device)).toEqual(notified);
    await world.progress(device, 40, 'half way');
    const running = await world.task(job, device);
    await world.clock.advance(MINUTE);
    expect(await world.node.claim([device], 'all')).toHaveLength(1);
    expect(await world.task(job, device)).toEqual(running);
    expect(await world.node.claim([device], 'fresh')).toEqual([]);
  });

  it('ends with the task', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    await world.job();
    await world.inform(device, NEW);
    expect(await world.node.claim([device], 'all')).toEqual([]);
    expect(await world.node.report(device, get)).toEqual([
      { notice: { kind: 'getReply', id: '7', package: undefined } },
    ]);
    expect(await world.node.report(device, request)).toEqual([]);
  });

  it('is nothing for a device that nobody has a task for', async () => {
    const world = await createWorld(database);
    const device = await one(world);
    expect(await world.node.claim([device], 'all')).toEqual([]);
    expect(await world.node.claim([], 'all')).toEqual([]);
    expect(await world.node.claim([{ ...device, deviceId: 'nobody' }], 'all')).toEqual([]);
  });

  it('rings for the connected devices of a new job only', async () => {
    const world = await createWorld(database);
    const [here] = (await world.devices(2)) as [DeviceRef];
    await world.connect(here);
    await world.job();
    expect(called(world.nudges)).toEqual([here.deviceId]);
  });

  describe('with NeedPush=false', () => {
    it('is never made, but the device gets its package when it asks', async () => {
      const world = await createWorld(database);
      const device = await one(world);
      await world.connect(device);
      const job = await world.job({ needPush: false });
      expect(called(world.nudges)).toEqual([]);
      expect(await world.node.claim([device], 'all')).toEqual([]);
      expect(await world.inform(device, OLD)).toEqual([]);
      expect((await world.task(job, device)).status).toBe('QUEUED');
      const [reply] = await world.node.report(device, get);
      expect(reply).toMatchObject({
        taskId: taskId(job, 0),
        notice: { kind: 'getReply', id: '7', package: { version: NEW } },
      });
      expect((await world.task(job, device)).status).toBe('NOTIFIED');
      expect(await world.node.claim([device], 'all')).toEqual([]);
      await expectConsistent(world);
    });
  });

  describe('asked for by the device', () => {
    it('is answered as often as it asks, by either question', async () => {
      const world = await createWorld(database);
      const device = await one(world);
      const job = await world.job();
      expect(await world.node.report(device, request)).toMatchObject([
        { taskId: taskId(job, 0), notice: { kind: 'requestReply', package: { version: NEW } } },
      ]);
      expect((await world.task(job, device)).status).toBe('NOTIFIED');
      await world.progress(device, 10);
      const running = await world.task(job, device);
      for (const question of [get, request]) expect(await world.node.report(device, question)).toHaveLength(1);
      expect(await world.task(job, device)).toEqual(running);
    });

    it('is the package of the module that it asks for', async () => {
      const world = await createWorld(database);
      const device = await one(world);
      await world.job({ firmwareId: await world.firmware({ module: 'MCU' }) });
      const empty = [{ notice: { kind: 'getReply', id: '7', package: undefined } }];
      expect(await world.node.report(device, get)).toEqual(empty);
      expect(await world.node.report(device, { ...get, module: 'mcu' })).toEqual(empty);
      expect(await world.node.report(device, request)).toEqual([]);
      expect(await world.node.report(device, { ...get, module: 'MCU' })).toMatchObject([
        { notice: { package: { module: 'MCU' } } },
      ]);
    });
  });

  describe('after a report of the source version', () => {
    it('is made again, once for each report', async () => {
      const world = await createWorld(database);
      const device = await one(world);
      const job = await world.job();
      for (let i = 0; i < 2; i += 1) {
        expect(await world.inform(device, OLD)).toMatchObject([
          { taskId: taskId(job, 0), notice: { kind: 'upgrade' } },
        ]);
        expect((await world.task(job, device)).status).toBe('NOTIFIED');
      }
      await world.progress(device, 50);
      expect(await world.inform(device, OLD)).toHaveLength(1);
      expect(await world.task(job, device)).toMatchObject({ status: 'IN_PROGRESS', progress: 50 });
    });

    it('is not made for a differential package when the device is at another version', async () => {
      const world = await createWorld(database);
      const device = await one(world);
      await world.job({ firmwareId: await world.firmware({ type: 1, src_version: OLD }) });
      expect(await world.inform(device, '1.5.0')).toEqual([]);
      expect(await world.inform(device, OLD)).toHaveLength(1);
    });

    it('is not made for another module', async () => {
      const world = await createWorld(database);
      const device = await one(world);
      await world.job();
      expect(await world.inform(device, OLD, 'MCU')).toEqual([]);
      expect(await world.inform(device, NEW, 'MCU')).toEqual([]);
    });
  });
});

eachEngine('MaximumPerMinute', (database) => {
  it('holds within a minute; the rest goes out in the next ones', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(25);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.clock.advance(30_000);
    expect(await world.node.claim(devices, 'fresh')).toHaveLength(10);
    expect(await world.node.claim(devices, 'all')).toHaveLength(10); // told before: they count nothing
    await world.clock.advance(29_999);
    await settleDueTasks(world.deps, 100);
    expect(await world.node.claim(devices, 'fresh')).toEqual([]);
    expect(called(world.nudges)).toEqual([]);

    const told = [];
    for (const minute of [1, 2]) {
      await world.clock.advance(minute === 1 ? 1 : MINUTE);
      world.nudges.length = 0;
      await settleDueTasks(world.deps, 100);
      const ids = new Set(called(world.nudges));
      const pushes = await world.node.claim(
        devices.filter((device) => ids.has(device.deviceId)),
        'fresh',
      );
      told.push(pushes.length);
      expect(await world.node.claim(devices, 'fresh')).toEqual([]);
    }
    expect(told).toEqual([10, 5]);
    expect((await world.tasks(job)).every((task) => task.status === 'NOTIFIED' && task.due_at === null)).toBe(true);
    await expectConsistent(world);
  });

  it('holds for two nodes together', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const devices = await here.devices(60);
    await here.job({ maximumPerMinute: 20 });
    const parts = [0, 1, 2, 3, 4, 5].map((part) => devices.slice(part * 10, part * 10 + 10));
    const answers = await Promise.all(parts.map((part, i) => (i % 2 ? here : there).node.claim(part, 'all')));
    expect(answers.flat()).toHaveLength(20);
    await expectConsistent(here);
  });

  it('is each job its own', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(30);
    await world.job({ maximumPerMinute: 10, devices: devices.slice(0, 15) });
    await world.job({ maximumPerMinute: 12, devices: devices.slice(15) });
    expect(await world.node.claim(devices, 'fresh')).toHaveLength(22);
  });

  it('holds back a push after a version report, but not a package that the device asks for', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(12);
    const job = await world.job({ maximumPerMinute: 10 });
    await world.node.claim(devices.slice(0, 10), 'fresh');
    const [asking, reporting] = devices.slice(10) as [DeviceRef, DeviceRef];
    expect(await world.inform(reporting, OLD)).toEqual([]);
    expect((await world.task(job, reporting)).status).toBe('QUEUED');
    expect(await world.node.report(asking, get)).toMatchObject([{ notice: { package: { version: NEW } } }]);
    expect((await world.task(job, asking)).status).toBe('NOTIFIED');
    await world.clock.advance(MINUTE);
    expect(await world.inform(reporting, OLD)).toHaveLength(1);
  });
});
