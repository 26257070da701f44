import { fillDevices, filledDevice } from './fill.ts';
import { type HeldDevices, startDevices } from './held-devices.ts';
import type { BenchServer } from './server.ts';

/** What packages bring. */
export const NEW_VERSION = '2.0.0';

export interface Fleet extends AsyncDisposable {
  readonly productKey: string;
  /** The process that holds them. */
  readonly devices: HeldDevices;
}

/** A product with devices, and a process that can connect them. */
export async function makeFleet(server: BenchServer, count: number): Promise<Fleet> {
  const { Data: product } = await server.client.call('CreateProduct', { ProductName: 'bench', NodeType: 0 });
  const productKey = product.ProductKey;
  await using store = await server.openStore();
  await fillDevices(store, productKey, count);
  const { deviceSecret: secret } = filledDevice(productKey, 0);
  const devices = await startDevices(server.otaru.mqtt, { productKey, secret });
  return { productKey, devices, [Symbol.asyncDispose]: () => devices[Symbol.asyncDispose]() };
}
