import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Credentials } from '../acceptance/support/c-device.ts';
import { models } from '../acceptance/support/clients.ts';
import type { Otaru } from '../acceptance/support/otaru.ts';
import type { Rollout } from '../acceptance/support/rollout.ts';
import { eventually } from '../acceptance/support/wait.ts';
import { prepare } from './support/fleet.ts';
import { connectLamp } from './support/lamp.ts';
import { type Nodes, startNodes } from './support/nodes.ts';

async function statusOf({ sdk }: Rollout, { productKey, deviceName }: Credentials): Promise<string | undefined> {
  const request = new models.GetDeviceStatusRequest({ productKey, deviceName });
  return (await sdk.getDeviceStatus(request)).body.data?.status;
}

const only = ({ credentials }: Rollout): Credentials => {
  const [device] = credentials;
  if (!device) throw new Error('no device');
  return device;
};

// at once: each waits for a lease of 12 s to run out, of another node
describe.skipIf(inject('postgresSocket') === '').concurrent('a node among three', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await startNodes(3);
  });
  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
  });

  it('that is killed loses its leases and its presence within 15 s; its tasks are pushed where their devices connect', async () => {
    const [, killed, other] = nodes.all as [Otaru, Otaru, Otaru];
    const rollout = await prepare(nodes, 'killed', 1);
    const device = only(rollout);
    const lamp = await connectLamp(killed, device);
    const jobId = await rollout.start();
    await lamp.told;
    const [presence] = await nodes.sql<{ node_id: string }>(
      `select node_id from presence join device on id = device_id where name = '${device.deviceName}' and product_key = '${device.productKey}'`,
    );
    const nodeId = presence?.node_id;
    // a lease that would last for long, as of a sweep
    await nodes.sql(`insert into lease (name, holder, until) values ('long', '${nodeId}', ${Date.now() + 60_000})`);

    await killed.kill();
    const death = performance.now();
    await eventually(async () => {
      expect(await nodes.sql(`select name from lease where holder = '${nodeId}'`)).toEqual([]);
      expect(await nodes.sql(`select device_id from presence where node_id = '${nodeId}'`)).toEqual([]);
    }, 20_000);
    expect(performance.now() - death).toBeLessThan(15_000);
    expect(await statusOf(rollout, device)).toBe('OFFLINE');

    const again = await connectLamp(other, device);
    await again.told;
    await again.inform('2.0.0');
    expect(await rollout.tasks(jobId)).toMatchObject([{ taskStatus: 'SUCCEEDED' }]);
    await again.client.endAsync();
  });

  it('that was held up for so long that it counted as dead has its devices back when it goes on', async () => {
    const [, , held] = nodes.all as [Otaru, Otaru, Otaru];
    const rollout = await prepare(nodes, 'held', 2);
    const [stays, moves] = rollout.credentials as [Credentials, Credentials];
    const [lamp, moving] = [await connectLamp(held, stays), await connectLamp(held, moves)];
    held.signal('SIGSTOP');
    await eventually(async () => expect(await statusOf(rollout, stays)).toBe('OFFLINE'), 20_000);
    const moved = await connectLamp(nodes.all[0] as Otaru, moves);
    held.signal('SIGCONT');
    await moving.closed;
    await eventually(async () => expect(await statusOf(rollout, stays)).toBe('ONLINE'));
    expect(await statusOf(rollout, moves)).toBe('ONLINE');
    await rollout.start();
    await Promise.all([lamp.told, moved.told]);
    await Promise.all([lamp, moved].map(({ client }) => client.endAsync()));
  });
});
