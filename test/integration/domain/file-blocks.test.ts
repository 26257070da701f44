import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { createFileBlocks } from '../../../src/domain/file-blocks.ts';
import { createVerifyJob } from '../../../src/domain/jobs.ts';
import type { Engine } from '../../../src/store/engine.ts';
import type { BlockRequest } from '../../../src/wire/file-download.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOn } from '../../support/query-spy.ts';
import { createWorld, HOUR, NEW, type NewJob, OLD, type World } from './world.ts';

const MQTT = { downloadProtocol: 'MQTT' } as const;
const SIZE = 10_000;

/** A package whose file is stored. */
async function newPackage(world: World, bytes = randomBytes(SIZE)) {
  const id = await world.firmware();
  await world.engine.transaction(async (tx) => {
    await tx.db.updateTable('firmware_file').set({ size: bytes.length }).where('firmware_id', '=', id).execute();
  });
  await world.deps.blobs.set(`ota/${id}/f.bin`, bytes);
  return { id, bytes };
}

/** A device that was told of a file that comes over MQTT. */
async function told(world: World, settings: NewJob = {}) {
  const [device] = (await world.devices(1)) as [DeviceRef];
  const { id, bytes } = await newPackage(world);
  const job = await world.job({ firmwareId: id, ...MQTT, devices: [device], ...settings });
  await world.node.claim([device], 'all');
  const stream = (await world.jobRow(job)).stream_id ?? 0;
  return { device, job, bytes, stream };
}

const ask = (
  world: World,
  device: DeviceRef | readonly DeviceRef[],
  streamId: number,
  wanted: Partial<BlockRequest> = {},
) =>
  world.node.answerBlock(Array.isArray(device) ? device : [device as DeviceRef], {
    kind: 'block',
    id: '1',
    fileToken: undefined,
    request: { streamId, fileId: 1, size: 512, offset: 0, ...wanted },
  });

const refused = (code: number) => expect.objectContaining({ ok: false, code });

eachEngine('a job whose package comes over MQTT', (database) => {
  it('tells its devices a stream instead of a URL, the same at every push and pull', async () => {
    const world = await createWorld(database);
    const { device, stream } = await told(world);
    const source = { streamId: stream, fileId: 1 };
    const [again] = await world.node.claim([device], 'all');
    expect(again?.notice.package?.files).toEqual([expect.objectContaining({ source, size: SIZE })]);
    const get = { kind: 'get', id: '7', module: undefined } as const;
    const [pulled] = await world.node.report(device, get);
    expect(pulled?.notice.package?.files).toEqual([expect.objectContaining({ source })]);
  });

  it('has a number of its own, from 1 on; others have none', async () => {
    const world = await createWorld(database);
    const { id } = await newPackage(world);
    const jobs: string[] = [];
    for (let index = 0; index < 3; index++) {
      const devices = await world.devices(1);
      jobs.push(await world.job({ firmwareId: id, devices, ...(index === 1 ? {} : MQTT) }));
    }
    const rows = await Promise.all(jobs.map((job) => world.jobRow(job)));
    expect(rows.map((row) => [row.download_protocol, row.stream_id])).toEqual([
      ['MQTT', 1],
      ['HTTPS', null],
      ['MQTT', 2],
    ]);
  });

  it('gets different numbers for jobs that are made at the same time', async () => {
    const world = await createWorld(database);
    const { id } = await newPackage(world);
    const made = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const devices = await world.devices(1);
        return (await world.jobRow(await world.job({ firmwareId: id, devices, ...MQTT }))).stream_id;
      }),
    );
    expect(new Set(made).size).toBe(8);
  });

  it('is refused for several files and for a large one', async () => {
    const world = await createWorld(database, { mqttFileBytes: SIZE });
    const devices = await world.devices(1);
    const exact = await newPackage(world);
    const large = await newPackage(world, randomBytes(SIZE + 1));
    expect(await world.refusal(() => world.job({ firmwareId: large.id, devices, ...MQTT }))).toBe('ota.unfitForMqtt');
    const two = await newPackage(world);
    await world.engine.transaction(async (tx) => {
      const file = { firmware_id: two.id, position: 1, name: 'b', upload_key: 'ota/b', size: 1, md5: '', sign: '' };
      await tx.db.insertInto('firmware_file').values(file).execute();
    });
    expect(await world.refusal(() => world.job({ firmwareId: two.id, devices, ...MQTT }))).toBe('ota.unfitForMqtt');
    await world.job({ firmwareId: two.id, devices });
    await world.job({ firmwareId: exact.id, devices, ...MQTT });
  });

  it('may be a verification', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const id = await world.firmware({ status: 0 });
    const input = { firmwareId: id, productKey: world.productKey, deviceNames: [device.deviceName], settings: MQTT };
    const { id: job } = await createVerifyJob(world.deps, world.scope, input);
    expect(await world.jobRow(job)).toMatchObject({ download_protocol: 'MQTT', stream_id: 1 });
  });
});

eachEngine('a block of a file', (database) => {
  it('holds the bytes asked for, from any offset, the last one cut at the end', async () => {
    const world = await createWorld(database);
    const { device, bytes, stream } = await told(world);
    const block = async (offset: number, size: number) => {
      const outcome = await ask(world, device, stream, { offset, size });
      return outcome.ok ? Buffer.from(outcome.bytes) : outcome;
    };
    expect(await ask(world, device, stream)).toEqual({
      ok: true,
      fileLength: SIZE,
      offset: 0,
      bytes: bytes.subarray(0, 512),
    });
    expect(await block(256, 256)).toEqual(bytes.subarray(256, 512));
    expect(await block(9_999, 1)).toEqual(bytes.subarray(9_999));
    expect(await block(9_990, 10)).toEqual(bytes.subarray(9_990));
    expect(await block(9_000, 131_072)).toEqual(bytes.subarray(9_000));
    expect(await block(0, 131_072)).toEqual(bytes);
  });

  it('is refused when the request is out of range', async () => {
    const world = await createWorld(database);
    const { device, stream } = await told(world);
    expect(await ask(world, device, stream, { offset: SIZE })).toEqual(refused(460));
    expect(await ask(world, device, stream, { offset: 2 ** 32 - 1 })).toEqual(refused(460));
    expect(await ask(world, device, stream, { size: 255 })).toEqual(refused(460));
    expect(await ask(world, device, stream, { size: 9, offset: 9_990 })).toEqual(refused(460));
    expect(await ask(world, device, stream, { fileId: 2 })).toEqual(refused(404));
    expect(await ask(world, device, stream + 1)).toEqual(refused(404));
    const question = { kind: 'block', id: '1', fileToken: undefined, request: 'what is wrong' } as const;
    expect(await world.node.answerBlock([device], question)).toEqual({ ok: false, code: 460, reason: 'what is wrong' });
    expect(world.deps.blobs.reads).toEqual([]);
  });

  it('is for a device that has the task, or may ask for one that has', async () => {
    const world = await createWorld(database);
    const { device, stream } = await told(world);
    const [other, gateway] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    expect(await ask(world, other, stream)).toEqual(refused(404));
    expect(await ask(world, gateway, stream)).toEqual(refused(404));
    expect(await ask(world, [gateway, other, device], stream)).toMatchObject({ ok: true });
  });

  it.each<[string, NewJob]>([
    ['QUEUED: it was not told yet', { needPush: false }],
    ['in CONFIRM', { needConfirm: true }],
  ])('is refused while the task is %s', async (_, settings) => {
    const world = await createWorld(database);
    const { device, stream } = await told(world, settings);
    expect(await ask(world, device, stream)).toEqual(refused(404));
  });

  it('is given before and after the first progress, until the version is reported', async () => {
    const world = await createWorld(database);
    const { device, stream } = await told(world);
    expect(await ask(world, device, stream)).toMatchObject({ ok: true });
    await world.progress(device, 5);
    await world.clock.advance(HOUR);
    expect(await ask(world, device, stream)).toMatchObject({ ok: true });
    await world.inform(device, OLD);
    await world.inform(device, NEW);
    await world.clock.advance(3_000);
    expect(await ask(world, device, stream)).toEqual(refused(404));
  });

  it('stops within three seconds of a cancel', async () => {
    const world = await createWorld(database);
    const { device, stream, job } = await told(world);
    expect(await ask(world, device, stream)).toMatchObject({ ok: true });
    const flags = { scheduled: undefined, queued: true, notified: true, inProgress: true, unconfirmed: undefined };
    await cancelTasksOfJob(world.deps, world.scope, job, flags);
    await world.clock.advance(3_000);
    expect(await ask(world, device, stream)).toEqual(refused(404));
  });

  it('asks the database once for many blocks in a row', async () => {
    const world = await createWorld(database);
    const { device, stream } = await told(world);
    const spy = spyOn(world.engine.read, database.kind);
    const blocks = createFileBlocks({ ...world.deps, engine: { read: spy.db } as Engine });
    const fetch = (offset: number) => {
      const request = { streamId: stream, fileId: 1, size: 512, offset };
      return blocks.answer([device], { kind: 'block', id: '1', fileToken: undefined, request });
    };
    for (let offset = 0; offset < SIZE; offset += 512) await fetch(offset);
    expect(spy.count()).toBe(3);
    await world.clock.advance(3_000);
    await fetch(0);
    expect(spy.count()).toBe(6);
  });

  it('is no answer when the store has lost bytes of it', async () => {
    const world = await createWorld(database);
    const { device, stream, bytes } = await told(world);
    const files = world.engine.read.selectFrom('firmware_file').select('upload_key');
    const { upload_key: key } = await files.executeTakeFirstOrThrow();
    await world.deps.blobs.set(key, bytes.subarray(0, 300));
    await expect(ask(world, device, stream)).rejects.toThrow('the file ends at 300');
    await world.deps.blobs.delete(key);
    await expect(ask(world, device, stream)).rejects.toThrow('there is no object');
  });
});
