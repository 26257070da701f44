import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { freePort, missing, type RunningProxy, startHaproxy, substitute } from '../support/proxies.ts';
import { connectAsCSdk, nextUpgrade, textual, updateAsCSdk } from './support/c-device.ts';
import { models } from './support/clients.ts';
import { onPostgres } from './support/engines.ts';
import { type Otaru, startOtaru } from './support/otaru.ts';
import { prepareRollout, type Rollout } from './support/rollout.ts';
import { connectFrom, readinessOverTls } from './support/through-proxy.ts';
import { eventually } from './support/wait.ts';

const firmware = randomBytes(3_000_000) as Buffer<ArrayBuffer>;
const md5 = createHash('md5').update(firmware).digest('hex');
const deployed = readFileSync(join(import.meta.dirname, '../../deploy/haproxy/haproxy.cfg'), 'utf8');

describe.skipIf(missing.haproxy)(
  `two nodes behind deploy/haproxy/haproxy.cfg (${missing.haproxy ?? 'HAProxy'})`,
  () => {
    onPostgres('a fleet', (variables) => {
      const folder = mkdtempSync(join(tmpdir(), 'otaru-balancer-'));
      const ports = { http: 0, mqtt: 0, mqtts: 0, any: 0, https: 0 };
      const nodes: Otaru[] = [];
      let haproxy: RunningProxy;
      let rollout: Rollout;

      beforeAll(async () => {
        for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
        const certificate = makeCertificate();
        mkdirSync(join(folder, 'blobs'));
        writeFileSync(join(folder, 'otaru.crt'), certificate.cert);
        writeFileSync(join(folder, 'otaru.key'), certificate.key);
        const settings = {
          ...(await variables()),
          OTARU_BLOBS: `file:${join(folder, 'blobs')}`,
          OTARU_MASTER_KEY: randomBytes(32).toString('base64'),
          OTARU_LIMITS: 'open',
          OTARU_PUBLIC_URL: `http://127.0.0.1:${ports.http}`,
          OTARU_TLS_CERT: join(folder, 'otaru.crt'),
          OTARU_TLS_KEY: join(folder, 'otaru.key'),
          OTARU_TRUSTED_PROXIES: '127.0.0.1',
          OTARU_PROXY_PROTOCOL: '127.0.0.1',
        };
        nodes.push(await startOtaru(settings), await startOtaru(settings));
        const host = (url: string) => new URL(url).host;
        const config = substitute(deployed, [
          ['maxconn 100000', 'maxconn 1000'],
          ['bind :80\n', `bind 127.0.0.1:${ports.http}\n`],
          ['bind :443\n', `bind 127.0.0.1:${ports.any}\n`],
          ['bind :1883\n', `bind 127.0.0.1:${ports.mqtt}\n`],
          ['bind :8883\n', `bind 127.0.0.1:${ports.mqtts}\n`],
          ['127.0.0.1:8443', `127.0.0.1:${ports.https}`],
          ['/usr/local/etc/haproxy/certs', folder],
          ...nodes.flatMap((node, index): [string, string][] => [
            [`otaru${index + 1}:8080`, host(node.http)],
            [`otaru${index + 1}:1883`, `${host(node.mqtt)} port ${new URL(node.http).port}`],
          ]),
        ]);
        haproxy = await startHaproxy(config, ports.http);
        rollout = await prepareRollout({ http: `http://127.0.0.1:${ports.http}` }, 'balanced', 6, firmware);
      });
      afterAll(async () => {
        await haproxy?.[Symbol.asyncDispose]();
        for (const node of nodes) await node[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true, force: true });
      });

      const device = (index: number) => rollout.credentials[index] as (typeof rollout.credentials)[number];
      const topic = (index: number) => `/ota/device/upgrade/${rollout.productKey}/${device(index).deviceName}`;
      const told = (job: string) =>
        eventually(async () => {
          const tasks = await rollout.tasks(job);
          expect(tasks.every(({ taskStatus }) => taskStatus === 'SUCCEEDED')).toBe(true);
          return tasks.length;
        });

      it('updates a device that knows port 1883, and another that knows 443 alone', async () => {
        const job = await rollout.start([device(0), device(1)]);
        await updateAsCSdk(`mqtt://127.0.0.1:${ports.mqtt}`, device(0), { sdk: '4.1', from: '1.0.0', md5 });
        await updateAsCSdk(`mqtt://127.0.0.1:${ports.any}`, device(1), { sdk: '3.2', from: '1.0.0', md5 });
        expect(await told(job)).toBe(2);
      });

      it('hands a download out in the form that old devices need', async () => {
        await rollout.start([device(2)]);
        const client = await connectAsCSdk(mqtt, `mqtt://127.0.0.1:${ports.mqtt}`, device(2));
        const pushed = nextUpgrade(client, topic(2));
        const names = `${rollout.productKey}/${device(2).deviceName}`;
        await client.publishAsync(`/ota/device/inform/${names}`, '{"id":1,"params":{"version":"1.0.0"}}', { qos: 1 });
        const url = new URL(textual(await pushed, 'url'));
        await client.endAsync();
        const head = await headOf(ports.http, `${url.pathname}${url.search}`);
        expect(head.split('\r\n')[0]).toBe('HTTP/1.1 206 Partial Content');
        expect(head).toContain(`\r\nContent-Length: ${firmware.length}\r\n`);
        expect(head).toContain(`\r\nContent-Range: bytes 0-${firmware.length - 1}/${firmware.length}\r\n`);
        expect(head).not.toMatch(/transfer-encoding|content-encoding|location|set-cookie/i);
        expect(Buffer.byteLength(head)).toBeLessThan(600);
      });

      it('tells on 443 what a client is after: MQTT with TLS by its name, WebSocket, or HTTPS', async () => {
        const tls = {
          rejectUnauthorized: false,
          servername: `${rollout.productKey}.iot-as-mqtt.cn-shanghai.aliyuncs.com`,
        };
        const connect = (url: string, options: object) =>
          connectAsCSdk(
            { connect: ((to: string, own: object) => mqtt.connect(to, { ...own, ...options })) as never },
            url,
            device(3),
          );
        for (const [url, options] of [
          [`mqtts://127.0.0.1:${ports.any}`, tls],
          [`mqtts://127.0.0.1:${ports.mqtts}`, { rejectUnauthorized: false }],
          [`ws://127.0.0.1:${ports.any}`, {}],
          [`wss://127.0.0.1:${ports.any}`, { wsOptions: { ...tls } }],
        ] as const) {
          const client = await connect(url, options);
          await client.endAsync();
        }
        expect(await readinessOverTls(ports.any)).toBe(200);
      });

      it('knows a device by its own address', async () => {
        const connect = connectFrom('127.0.0.9', ports.mqtt);
        const client = await connectAsCSdk({ connect }, 'mqtt://balancer', device(3));
        const { productKey, deviceName } = device(3);
        const request = new models.QueryDeviceDetailRequest({ productKey, deviceName });
        const { body } = await rollout.sdk.queryDeviceDetail(request);
        expect(body.data).toMatchObject({ status: 'ONLINE', ipAddress: '127.0.0.9' });
        await client.endAsync();
      });

      it('goes on when a node is killed', async () => {
        const connect = ((url: string, options: object) =>
          mqtt.connect(url, { ...options, reconnectPeriod: 300 })) as never;
        // the balancer spreads them
        const clients = await Promise.all(
          [4, 5].map((index) => connectAsCSdk({ connect }, `mqtt://127.0.0.1:${ports.mqtt}`, device(index))),
        );
        await nodes[0]?.kill();
        const { productKey } = rollout;
        await eventually(async () => {
          for (let call = 0; call < 4; call++) {
            const { body } = await rollout.sdk.queryProduct(new models.QueryProductRequest({ productKey }));
            expect(body.success).toBe(true);
          }
          expect(clients.every((client) => client.connected)).toBe(true);
        }, 30_000);
        const pushes = clients.map((client, index) => nextUpgrade(client, topic(4 + index)));
        for (const [index, client] of clients.entries()) {
          const names = `${productKey}/${device(4 + index).deviceName}`;
          await client.publishAsync(`/ota/device/inform/${names}`, '{"id":1,"params":{"version":"1.0.0"}}', { qos: 1 });
        }
        await rollout.start([device(4), device(5)]);
        for (const message of await Promise.all(pushes)) expect(textual(message, 'version')).toBe('2.0.0');
        for (const client of clients) await client.endAsync();
      });
    });
  },
);

/** Status line and headers, letter by letter. */
async function headOf(port: number, target: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nRange: bytes=0-\r\n\r\n`);
  let head = '';
  for await (const bytes of socket) {
    head += bytes.toString('latin1');
    if (head.includes('\r\n\r\n')) break;
  }
  return head.slice(0, head.indexOf('\r\n\r\n') + 4);
}
