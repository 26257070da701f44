import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { currentSdk, models } from '../acceptance/support/clients.ts';
import { type Otaru, rootKey } from '../acceptance/support/otaru.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { signedV1Url } from '../acceptance/support/wire.ts';
import { prepare } from './support/fleet.ts';
import { connectLamp, type Lamp } from './support/lamp.ts';
import { type Nodes, startNodes } from './support/nodes.ts';

describe.skipIf(inject('postgresSocket') === '')('three nodes on one PostgreSQL', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await startNodes(3);
  });
  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
  });

  /** Devices in turn on all nodes. */
  const spread = (credentials: readonly Lamp['credentials'][]) =>
    Promise.all(credentials.map((each, index) => connectLamp(nodes.all[index % 3] as Otaru, each)));

  it('push a task from the node that holds the device, wherever the API call went', async () => {
    const { credentials, productKey, firmwareId } = await prepare(nodes, 'anywhere', 9);
    const lamps = await spread(credentials);
    for (const [index, node] of nodes.all.entries()) {
      // three devices, one on each node
      const some = lamps.slice(3 * index, 3 * index + 3);
      const request = new models.CreateOTAStaticUpgradeJobRequest({
        firmwareId,
        productKey,
        targetSelection: 'SPECIFIC',
        targetDeviceName: some.map((lamp) => lamp.credentials.deviceName),
      });
      await currentSdk(node.http, rootKey).createOTAStaticUpgradeJob(request);
      await Promise.all(some.map((lamp) => lamp.told));
    }
    for (const lamp of lamps) {
      expect(lamp.pushes).toHaveLength(1);
      await lamp.client.endAsync();
    }
  });

  it("hold a job's MaximumPerMinute together", async () => {
    const { sdk, credentials, productKey, firmwareId } = await prepare(nodes, 'rated', 30);
    const lamps = await spread(credentials);
    const request = new models.CreateOTAStaticUpgradeJobRequest({
      firmwareId,
      productKey,
      targetSelection: 'ALL',
      maximumPerMinute: 10,
    });
    const jobId = (await sdk.createOTAStaticUpgradeJob(request)).body.data?.jobId ?? '';
    const told = () => lamps.filter(({ pushes }) => pushes.length > 0).length;
    await eventually(async () => expect(told()).toBe(10));
    // every report is an occasion to be told of something
    await Promise.all(lamps.filter(({ pushes }) => pushes.length === 0).map((lamp) => lamp.inform('1.0.0')));
    const total = async (taskStatus: string) => {
      const asked = new models.ListOTATaskByJobRequest({ jobId, taskStatus, currentPage: 1, pageSize: 1 });
      return (await sdk.listOTATaskByJob(asked)).body.total;
    };
    expect([told(), await total('NOTIFIED'), await total('QUEUED')]).toEqual([10, 10, 20]);
    for (const lamp of lamps) await lamp.client.endAsync();
  });

  it('refuse a nonce that was used at another one', async () => {
    const { pathname, search } = new URL(
      signedV1Url('http://any', rootKey, { Action: 'QueryProductList', CurrentPage: '1', PageSize: '1' }),
    );
    const nonce = randomUUID();
    const again = signedV1Url('', rootKey, {
      Action: 'QueryProductList',
      CurrentPage: '1',
      PageSize: '2',
      SignatureNonce: nonce,
    });
    const codeAt = async (node: Otaru, path: string) =>
      ((await (await fetch(node.http + path)).json()) as { Code?: string }).Code;
    const [a, b, c] = nodes.all as [Otaru, Otaru, Otaru];
    expect(await codeAt(a, pathname + search)).toBeUndefined();
    expect(await codeAt(b, pathname + search)).toBe('SignatureNonceUsed');
    expect(await codeAt(c, again)).toBeUndefined();
    expect(await codeAt(a, again)).toBe('SignatureNonceUsed');
  });

  it('close a connection at once whose device connects to another one, and count it as online', async () => {
    const { sdk, productKey, credentials, start } = await prepare(nodes, 'moving', 1);
    const [device] = credentials;
    const [a, b] = nodes.all as [Otaru, Otaru, Otaru];
    if (!device) throw new Error('no device');
    const status = async () => {
      const request = new models.GetDeviceStatusRequest({ productKey, deviceName: device.deviceName });
      return (await sdk.getDeviceStatus(request)).body.data?.status;
    };
    const first = await connectLamp(a, device);
    const second = await connectLamp(b, device);
    const moved = performance.now();
    await first.closed;
    expect(performance.now() - moved).toBeLessThan(3_000);
    const back = await connectLamp(a, device);
    await second.closed;
    expect(await status()).toBe('ONLINE');
    await start();
    await back.told;
    expect(await status()).toBe('ONLINE');
    await back.client.endAsync();
    await eventually(async () => expect(await status()).toBe('OFFLINE'));
  });
});
