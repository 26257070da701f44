import type { TopologyChange, Tx } from '../store/engine.ts';
import { gatewaysOf } from '../store/queries/topology.ts';

/** Rings for the gateway that a device stands behind, if it does. To be called before the device is deleted. */
export async function tellGateway(
  tx: Tx,
  device: { readonly id: string; readonly product_key: string; readonly name: string },
  change: TopologyChange['change'],
): Promise<void> {
  const gatewayId = (await gatewaysOf(tx.db, [device.id])).get(device.id);
  if (gatewayId === undefined) return;
  const { product_key: productKey, name: deviceName } = device;
  tx.nudge({ kind: 'topology', changes: [{ gatewayId, change, productKey, deviceName }] });
}
