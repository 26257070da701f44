import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { freePort, missing, type RunningProxy, startDeployedNginx } from '../support/proxies.ts';
import { connectAsCSdk, updateAsCSdk } from './support/c-device.ts';
import { models } from './support/clients.ts';
import { type Otaru, startOtaru } from './support/otaru.ts';
import { prepareRollout, type Rollout } from './support/rollout.ts';
import { connectFrom, readinessOverTls } from './support/through-proxy.ts';
import { eventually } from './support/wait.ts';

const firmware = randomBytes(3_000_000) as Buffer<ArrayBuffer>;
const md5 = createHash('md5').update(firmware).digest('hex');

describe.skipIf(missing.nginx)(`one node behind deploy/nginx/nginx.conf (${missing.nginx ?? 'nginx'})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-nginx-'));
  const ports = { http: 0, any: 0, mqtt: 0 };
  let otaru: Otaru;
  let nginx: RunningProxy;
  let rollout: Rollout;

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const certificate = makeCertificate();
    writeFileSync(join(folder, 'otaru.crt'), certificate.cert);
    writeFileSync(join(folder, 'otaru.key'), certificate.key);
    const blobs = join(folder, 'blobs');
    otaru = await startOtaru({
      OTARU_BLOBS: `file:${blobs}`,
      OTARU_PUBLIC_URL: `http://127.0.0.1:${ports.http}`,
      OTARU_TLS_CERT: join(folder, 'otaru.crt'),
      OTARU_TLS_KEY: join(folder, 'otaru.key'),
      OTARU_TRUSTED_PROXIES: '127.0.0.1',
      OTARU_PROXY_PROTOCOL: '127.0.0.1',
      OTARU_DOWNLOADS: 'x-accel:/otaru-packages',
    });
    nginx = await startDeployedNginx({
      folder,
      blobs,
      port: ports.http,
      http: new URL(otaru.http).host,
      changes: [
        ['listen 443 ', `listen 127.0.0.1:${ports.any} `],
        ['listen 1883 ', `listen 127.0.0.1:${ports.mqtt} `],
        ['127.0.0.1:11883', new URL(otaru.mqtt).host],
      ],
    });
    rollout = await prepareRollout({ http: `http://127.0.0.1:${ports.http}` }, 'proxied', 3, firmware);
  });
  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await otaru?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const device = (index: number) => rollout.credentials[index] as (typeof rollout.credentials)[number];

  it('updates a device that knows port 1883, and another that knows 443 alone, with files that nginx sends', async () => {
    const job = await rollout.start([device(0), device(1)]);
    await updateAsCSdk(`mqtt://127.0.0.1:${ports.mqtt}`, device(0), { sdk: '4.1', from: '1.0.0', md5 });
    await updateAsCSdk(`mqtt://127.0.0.1:${ports.any}`, device(1), { sdk: '3.2', from: '1.0.0', md5 });
    await eventually(async () => {
      const states = (await rollout.tasks(job)).map(({ taskStatus }) => taskStatus);
      expect(states).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    });
    expect(nginx.log()).toBe('');
  });

  it('tells on 443 what a client is after: MQTT with TLS by its name, WebSocket, or HTTPS', async () => {
    const tls = { rejectUnauthorized: false, servername: 'product.iot-as-mqtt.cn-shanghai.aliyuncs.com' };
    for (const [scheme, options] of [
      ['mqtts', tls],
      ['ws', {}],
      ['wss', { wsOptions: tls }],
    ] as const) {
      const connect = (url: string, own: object) => mqtt.connect(url, { ...own, ...options });
      const url = `${scheme}://127.0.0.1:${ports.any}`;
      await (await connectAsCSdk({ connect: connect as never }, url, device(2))).endAsync();
    }
    expect(await readinessOverTls(ports.any)).toBe(200);
  });

  it('knows a device by its own address', async () => {
    const connect = connectFrom('127.0.0.9', ports.mqtt);
    const client = await connectAsCSdk({ connect }, 'mqtt://nginx', device(2));
    const { productKey, deviceName } = device(2);
    const request = new models.QueryDeviceDetailRequest({ productKey, deviceName });
    const { body } = await rollout.sdk.queryDeviceDetail(request);
    expect(body.data).toMatchObject({ status: 'ONLINE', ipAddress: '127.0.0.9' });
    await client.endAsync();
  });
});
