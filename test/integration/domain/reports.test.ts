import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { getDeviceDetail } from '../../../src/domain/devices.ts';
import { isCarriable } from '../../../src/domain/names.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW, OLD, type World } from './world.ts';

/** A device with a task of a new job. */
async function deviceInJob(world: World, settings = {}) {
  const [device] = (await world.devices(1)) as [DeviceRef];
  const job = await world.job(settings);
  return { device, job, task: () => world.task(job, device) };
}

eachEngine('a version report', (database) => {
  it('of the target version is success, whatever the task had come to', async () => {
    const world = await createWorld(database);
    const devices = (await world.devices(3)) as [DeviceRef, DeviceRef, DeviceRef];
    const job = await world.job();
    const [, told, running] = devices;
    await world.node.claim([told, running], 'fresh');
    await world.progress(running, 40, 'writing');
    await world.clock.advance(MINUTE);
    for (const device of devices) expect(await world.inform(device, NEW)).toEqual([]);
    for (const task of await world.tasks(job)) {
      expect(task).toMatchObject({
        status: 'SUCCEEDED',
        progress: 100,
        description: '',
        modified_at: world.clock.now(),
      });
    }
    await expectConsistent(world);
  });

  it('is the only proof: 100 per cent is none', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.node.claim([device], 'fresh');
    await world.progress(device, 100, 'done');
    await world.pass(30 * 24 * HOUR);
    expect(await task()).toMatchObject({ status: 'IN_PROGRESS', progress: 100, description: 'done' });
  });

  it('of a third version fails a task that is IN_PROGRESS, and no other', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.inform(device, '1.5.0');
    expect((await task()).status).toBe('NOTIFIED'); // told on that occasion
    await world.inform(device, '1.6.0');
    expect((await task()).status).toBe('NOTIFIED');
    await world.progress(device, 70, 'writing');
    await world.inform(device, OLD);
    expect((await task()).status).toBe('IN_PROGRESS');
    expect(await world.inform(device, '1.6.0')).toEqual([]);
    expect(await task()).toMatchObject({
      status: 'FAILED',
      description: 'report version is not conform',
      progress: 70,
    });
    await expectConsistent(world);
  });

  it('fails nothing when the version before the update is not known: none can be called a third one', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1, { version: null, activated: false })) as [DeviceRef];
    const job = await world.job({ devices: [device] });
    await world.connect(device);
    await world.node.claim([device], 'all');
    await world.inform(device, OLD);
    await world.progress(device, 30);
    expect(await world.inform(device, OLD)).toHaveLength(1); // it has started anew
    expect(await world.task(job, device)).toMatchObject({ status: 'IN_PROGRESS', src_version: '' });
    await world.inform(device, NEW);
    expect((await world.task(job, device)).status).toBe('SUCCEEDED');
  });

  it('of another module says nothing about the task', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.progress(device, 10);
    const before = await task();
    for (const version of [NEW, OLD, '7.7']) expect(await world.inform(device, version, 'MCU')).toEqual([]);
    expect(await task()).toEqual(before);
  });

  it('is followed by the firmware version that the API shows, for the default module only', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1, { version: null })) as [DeviceRef];
    const shown = async () => (await getDeviceDetail(world.deps, world.scope, { id: device.deviceId })).firmwareVersion;
    expect(await shown()).toBe('');
    for (const version of [OLD, NEW, OLD]) {
      await world.inform(device, version);
      await world.inform(device, '9.9', 'MCU');
      expect(await shown()).toBe(version);
    }
  });

  it('may come twice', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.inform(device, NEW);
    const ended = await task();
    await world.clock.advance(MINUTE);
    await world.inform(device, NEW);
    expect(await task()).toEqual(ended);
    await expectConsistent(world);
  });
});

eachEngine('a progress report', (database) => {
  it('moves a task to IN_PROGRESS and keeps what the device says', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.node.claim([device], 'fresh');
    for (const [step, description] of [
      [0, 'Enter in downloading state'],
      [37, ''],
      [37, 'still'],
      [12, 'again'],
      [100, ''],
    ] as const) {
      await world.clock.advance(1_000);
      await world.progress(device, step, description);
      expect(await task()).toMatchObject({
        status: 'IN_PROGRESS',
        progress: step,
        description,
        modified_at: world.clock.now(),
      });
    }
    await expectConsistent(world);
  });

  it('counts for a task that is still QUEUED: the late message of an earlier push', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.progress(device, 5);
    expect(await task()).toMatchObject({ status: 'IN_PROGRESS', progress: 5, first_progress_at: world.clock.now() });
  });

  it.each([
    [-1, 'update failed'],
    [-2, 'download failed'],
    [-3, 'verification failed'],
    [-4, 'flashing failed'],
  ])('of %i is a failure, with the reason of the device or else: %s', async (step, reason) => {
    const world = await createWorld(database);
    const [silent, talking] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const job = await world.job();
    await world.node.claim([silent, talking], 'fresh');
    await world.progress(talking, 60);
    await world.progress(silent, step);
    await world.progress(talking, step, 'no space left');
    expect(await world.task(job, silent)).toMatchObject({ status: 'FAILED', description: reason, progress: 0 });
    expect(await world.task(job, talking)).toMatchObject({
      status: 'FAILED',
      description: 'no space left',
      progress: 60,
    });
    await expectConsistent(world);
  });

  it('of a failure means nothing to a task that nobody was told about', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    const before = await task();
    await world.progress(device, -1);
    expect(await task()).toEqual(before);
  });

  it.each(['SUCCEEDED', 'FAILED', 'CANCELED'] as const)('changes nothing after the end: %s', async (status) => {
    const world = await createWorld(database);
    const { device, job, task } = await deviceInJob(world);
    await world.node.claim([device], 'fresh');
    if (status === 'SUCCEEDED') await world.inform(device, NEW);
    if (status === 'FAILED') await world.progress(device, -1);
    if (status === 'CANCELED') await world.job({ overwriteMode: 2, needPush: false });
    const ended = await task();
    expect(ended.status).toBe(status);
    if (status === 'CANCELED') {
      // what it says now is about the task that it has
      await world.progress(device, 10);
    } else {
      for (const step of [0, 50, 100, -1, -4]) await world.progress(device, step, 'late');
      await world.inform(device, '3.3.3');
      await world.inform(device, NEW);
    }
    expect(await task()).toEqual(ended);
    await world.pass(MINUTE);
    expect((await world.jobRow(job)).ended_at).not.toBeNull();
    await expectConsistent(world);
  });

  it('of another module means nothing', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.node.claim([device], 'fresh');
    const before = await task();
    for (const module of ['MCU', 'Default', 'x']) {
      await world.progress(device, 50, 'else', module);
      await world.progress(device, -1, 'else', module);
    }
    expect(await task()).toEqual(before);
  });

  it('may be as long and as odd as it likes', async () => {
    const world = await createWorld(database);
    const { device, task } = await deviceInJob(world);
    await world.node.claim([device], 'fresh');
    const say = async (text: string) => {
      await world.progress(device, 1, text);
      return (await task()).description;
    };
    expect(await say('x'.repeat(10_000))).toBe('x'.repeat(512));
    expect(await say('灯'.repeat(10_000))).toBe('灯'.repeat(512));
    expect(await say(`${'a'.repeat(511)}😀`)).toBe(`${'a'.repeat(511)}\ufffd`);
    expect(await say('a\0b')).toBe('a\ufffdb');
    expect(await say('\ud800x\udc00')).toBe('\ufffdx\ufffd');
    expect(await say('\u0001\u001f\ufffe\uffff')).toBe('\ufffd'.repeat(4));
    expect(await say('\t\r\n "\'\\ %s $1 ? {}')).toBe('\t\r\n "\'\\ %s $1 ? {}');
    expect(await say('😀')).toBe('😀');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 1_000 }), async (text) => {
        const kept = await say(text);
        expect(isCarriable(kept)).toBe(true);
        if (text.length <= 512 && isCarriable(text)) expect(kept).toBe(text);
      }),
      { numRuns: 60 },
    );
    await world.progress(device, -2, `\0${'\ud83d'.repeat(10_000)}`);
    expect(await task()).toMatchObject({ status: 'FAILED', description: '\ufffd'.repeat(512) });
  });

  it('may come twice, and from many devices at once', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(50);
    const job = await world.job();
    await world.node.claim(devices, 'fresh');
    await Promise.all(devices.flatMap((device) => [10, 10, 20].map((step) => world.progress(device, step))));
    await expectConsistent(world);
    await Promise.all(
      devices.flatMap((device) => [world.inform(device, NEW), world.inform(device, NEW), world.progress(device, -1)]),
    );
    const tasks = await world.tasks(job);
    expect(tasks.every((task) => task.status === 'SUCCEEDED' || task.status === 'FAILED')).toBe(true);
    await expectConsistent(world);
  });
});
