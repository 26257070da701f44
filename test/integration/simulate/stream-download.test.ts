import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeviceEvent } from '../../../src/simulate/events.ts';
import { packageOf } from './file-server.ts';
import { createWorld } from './world.ts';

const bytes = randomBytes(60_000);
const stream = { streamId: 27_367, fileId: 1 };
const percents = (events: readonly DeviceEvent[]) =>
  events.flatMap((event) => (event.kind === 'progress' ? [event.percent] : []));

test('a device updates over MQTT: block by block, with its progress, and reports the new version', async () => {
  await using world = await createWorld();
  world.field.streams.set(stream.streamId, bytes);
  const { name, seen, events } = world.device({ pace: { stepPercent: 25 } });
  await seen('informed');
  const task = world.field.assign(name, packageOf(bytes, stream, { signMethod: 'SHA256' }));
  expect(await seen('downloaded')).toMatchObject({ bytes: bytes.length });
  await seen('updated');
  expect(task.status).toBe('SUCCEEDED');
  expect(percents(events)).toEqual([0, 25, 50, 75, 100]);
});

test('a block without an answer is asked for again, three times in a row at most', async () => {
  await using world = await createWorld();
  world.field.streams.set(stream.streamId, bytes);
  const patient = world.device({ pace: { replyMs: 50, blockBytes: 131_072 } });
  await patient.seen('informed');
  world.field.mute(3);
  world.field.assign(patient.name, packageOf(bytes, stream));
  await patient.seen('updated');
  expect(patient.events.filter(({ kind }) => kind === 'resumed')).toHaveLength(3);

  const failing = world.device({ pace: { replyMs: 50 } });
  await failing.seen('informed');
  world.field.mute(4);
  world.field.assign(failing.name, packageOf(bytes, stream));
  expect(await failing.seen('failed')).toMatchObject({ step: -4, description: 'download failed: no answer' });
});

test('a download goes on over the next connection from where it was', async () => {
  await using world = await createWorld();
  world.field.streams.set(stream.streamId, bytes);
  const { name, seen, events } = world.device({
    pace: { stepPercent: 10, stepMs: 20, replyMs: 300, blockBytes: 6_000 },
  });
  await seen('informed');
  const task = world.field.assign(name, packageOf(bytes, stream));
  await expect.poll(() => percents(events).includes(30)).toBe(true);
  await world.stopGateway();
  await world.startGateway();
  await seen('updated');
  expect(task.status).toBe('SUCCEEDED');
  expect(percents(events).filter((percent) => percent === 10)).toHaveLength(1);
});

test('a device that is refused reports -4, one that gets other bytes -3', async () => {
  await using world = await createWorld();
  const refused = world.device();
  await refused.seen('informed');
  world.field.assign(refused.name, packageOf(bytes, stream));
  expect(await refused.seen('failed')).toMatchObject({ step: -4, description: 'download failed: 404 no such file' });

  world.field.streams.set(stream.streamId, bytes);
  const deceived = world.device();
  await deceived.seen('informed');
  const notice = packageOf(bytes, stream);
  const sign = createHash('md5').update('others').digest('hex');
  world.field.assign(deceived.name, { ...notice, files: notice.files.map((file) => ({ ...file, sign })) });
  expect(await deceived.seen('failed')).toMatchObject({ step: -3, description: 'digest mismatch' });
});
