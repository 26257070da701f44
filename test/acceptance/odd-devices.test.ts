import { randomBytes } from 'node:crypto';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Credentials, connectAsCSdk } from './support/c-device.ts';
import { type Otaru, startOtaru } from './support/otaru.ts';
import { prepareRollout, type Rollout } from './support/rollout.ts';
import { eventually } from './support/wait.ts';

let otaru: Otaru;
let rollout: Rollout;
beforeAll(async () => {
  otaru = await startOtaru({ OTARU_LIMITS: 'open' });
  rollout = await prepareRollout(otaru, 'odd_lamp', 2, randomBytes(1_000) as Buffer<ArrayBuffer>);
});
afterAll(async () => {
  await otaru?.[Symbol.asyncDispose]();
});

/** A connection with `_ss=1` and all that comes on it. */
async function connect(device: Credentials) {
  const client = await connectAsCSdk(mqtt, otaru.mqtt, device);
  const heard: { topic: string; body: Record<string, unknown> }[] = [];
  client.on('message', (topic, payload) => void heard.push({ topic, body: JSON.parse(payload.toString()) }));
  const next = (topic: string) =>
    eventually(async () => heard.find((one) => one.topic === topic)?.body ?? Promise.reject(new Error(`no ${topic}`)));
  return { client, heard, next };
}

it('a device that ends its messages with NULs and commas, and has numbers for ids and steps, is updated', async () => {
  const device = rollout.credentials[0] as Credentials;
  const names = `${device.productKey}/${device.deviceName}`;
  const { client, heard, next } = await connect(device);
  const job = await rollout.start([device]);
  const task = async () => (await rollout.tasks(job))[0];
  const say = (topic: string, text: string, qos: 0 | 1) => client.publishAsync(topic, Buffer.from(text), { qos });

  await say(`/ota/device/inform/${names}`, '{"id":0, "params":{"version":"1.0.0",},}\0', 1);
  // it has subscribed to nothing
  expect(await next(`/ota/device/upgrade/${names}`)).toMatchObject({ code: '1000', data: { version: '2.0.0' } });
  await say(`/ota/device/progress/${names}`, '{"id":2,"params":{"step":10,"desc":"loading",}}\n\0\0', 0);
  await eventually(async () => expect(await task()).toMatchObject({ taskStatus: 'IN_PROGRESS', progress: '10.00' }));
  await say(`/sys/${names}/thing/ota/firmware/get`, '{"id":3, "params":{}}\0', 0);
  expect(await next(`/sys/${names}/thing/ota/firmware/get_reply`)).toMatchObject({
    id: '3',
    code: 200,
    data: { version: '2.0.0' },
  });
  await say(`/ota/device/inform/${names}`, '{"id":4,"params":{"version":"2.0.0"}}\0', 1);
  expect(await task()).toMatchObject({ taskStatus: 'SUCCEEDED', progress: '100.00' });
  await say(`/sys/${names}/thing/ota/firmware/get`, '{"id":5}', 1);
  await eventually(async () => expect(heard.at(-1)?.body).toMatchObject({ id: '5', code: 200, data: {} }));
  expect(heard.filter(({ topic }) => topic.startsWith('/ota/device/upgrade/'))).toHaveLength(1);
  await client.endAsync();
});

it('the legacy request is answered on its own topic, once, and with silence when there is nothing', async () => {
  const device = rollout.credentials[1] as Credentials;
  const topic = `/ota/device/request/${device.productKey}/${device.deviceName}`;
  const { client, heard, next } = await connect(device);
  await client.subscribeAsync(topic, { qos: 1 });
  const ask = () => client.publishAsync(topic, '{"id":"0","params":{"version":"1.0.0"}}', { qos: 1 });

  await ask();
  const job = await rollout.start([device], false);
  await ask();
  const answer = await next(topic);
  expect(answer).toMatchObject({ code: '1000', data: { version: '2.0.0', url: expect.any(String) } });
  expect((await rollout.tasks(job))[0]?.taskStatus).toBe('NOTIFIED');
  const names = `${device.productKey}/${device.deviceName}`;
  await client.publishAsync(`/ota/device/inform/${names}`, '{"id":"1","params":{"version":"2.0.0"}}', { qos: 1 });
  await ask();
  // whatever comes, comes before the answer to this
  await client.publishAsync(`/sys/${names}/thing/ota/firmware/get`, '{"id":"2"}', { qos: 1 });
  await next(`/sys/${names}/thing/ota/firmware/get_reply`);
  expect(heard.filter((one) => one.topic === topic)).toHaveLength(1);
  await client.endAsync();
});
