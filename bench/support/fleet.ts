import { fillDevices } from './fill-devices.ts';
import { type HeldDevices, startDevices } from './held-devices.ts';
import type { BenchServer } from './server.ts';

/** What the devices run at first, and what packages bring. */
export const OLD_VERSION = '1.0.0';
export const NEW_VERSION = '2.0.0';

export interface Fleet extends AsyncDisposable {
  readonly productKey: string;
  /** By number. */
  readonly deviceIds: readonly string[];
  /** The process that holds them. */
  readonly devices: HeldDevices;
}

/** A product with devices, and a process that can connect them. */
export async function makeFleet(server: BenchServer, count: number): Promise<Fleet> {
  const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'bench', NodeType: 0 });
  const productKey = product.ProductKey;
  const secret = 'benchSecret';
  await using store = await server.openStore();
  const deviceIds = await fillDevices(store, { productKey, count, secret, version: OLD_VERSION });
  const devices = await startDevices(server.otaru.mqtt, { productKey, secret });
  return { productKey, deviceIds, devices, [Symbol.asyncDispose]: () => devices[Symbol.asyncDispose]() };
}
