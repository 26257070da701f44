import { describe, expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
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
