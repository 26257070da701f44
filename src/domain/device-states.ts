import { countFound } from '../store/queries/device-search.ts';
import {
  countDevices,
  countDevicesOfGroup,
  type DeviceCounts,
  disableDevice,
  enableDevice,
  listDevicesByStatus,
  productsWithStatus,
} from '../store/queries/device-states.ts';
import { findGroup, type GroupRow } from '../store/queries/groups.ts';
import { deviceLifecycleEvent } from '../wire/event-messages.ts';
import type { Deps, Scope } from './deps.ts';
import { type DeviceSelector, type DeviceWithSecret, namedDevice, requireDevice, withSecret } from './devices.ts';
import { emit } from './events.ts';
import { fail } from './failure.ts';
import { tellGateway } from './gateway-nudges.ts';
import { searchOf } from './group-rules.ts';
import { isOpaqueId } from './names.ts';
import { type Page, page } from './paging.ts';
import { requireProduct } from './products.ts';
import { recordStatuses } from './status-history.ts';

const STATUSES = [0, 1, 3, 8];
const LARGEST_PAGE = 50;
const DEFAULT_PAGE_SIZE = 10;

/**
 * Keeps a device from connecting and ends the connection that it has. Its data and its tasks stay as they are: a task
 * goes on when the device is enabled again and connects, or ends by its own timeout. One that is disabled stays so.
 * @throws product.*, device.nullName, device.malformedName, device.notFound, device.invalidIotId
 */
export async function disable(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const device = await requireDevice(tx.db, scope, selector);
    const now = deps.clock.now();
    const disabled = await disableDevice(tx.db, device.id, now);
    if (disabled) {
      await recordStatuses(tx, [disabled]);
      await emit(tx, deps, [deviceLifecycleEvent(namedDevice(device), 'disable', now)]);
    }
    await tellGateway(tx, device, 'disabled');
    // even if it was disabled before: a kick that got lost is repeated
    tx.nudge({ kind: 'kick', deviceIds: [device.id] });
  });
}

/**
 * Lets a disabled device connect again: it is offline, or inactive if it never connected. Others stay as they are.
 * @throws as disable
 */
export async function enable(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const device = await requireDevice(tx.db, scope, selector);
    const now = deps.clock.now();
    const enabled = await enableDevice(tx.db, device.id, now);
    if (enabled) {
      await recordStatuses(tx, [{ ...enabled, reason: 'ENABLED' }]);
      await emit(tx, deps, [deviceLifecycleEvent(namedDevice(device), 'enable', now)]);
      await tellGateway(tx, device, 'enabled');
    }
  });
}

/**
 * A page of the devices in a status, of a product or of all: by product, newest first, and in each newest first.
 * @throws common.invalidParameter, common.invalidPage, product.malformedKey, product.notFound
 */
export async function pageOfDevicesByStatus(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  scope: Scope,
  input: {
    readonly status: number;
    readonly productKey?: string | undefined;
    readonly page?: number | undefined;
    readonly pageSize?: number | undefined;
  },
): Promise<{ page: Page; total: number; devices: DeviceWithSecret[] }> {
  const { status } = input;
  if (!STATUSES.includes(status)) fail('common.invalidParameter', { Parameter: 'Status' });
  const wanted = page(input.page ?? 1, input.pageSize ?? DEFAULT_PAGE_SIZE, { maxSize: LARGEST_PAGE });
  const productKey = input.productKey || undefined;
  const db = engine.read;
  if (productKey !== undefined) await requireProduct(db, scope, productKey);
  const products = await productsWithStatus(db, scope.instanceId, status, productKey);
  const devices: DeviceWithSecret[] = [];
  let total = 0;
  for (const { key, count } of products) {
    // the numbers tell in which products the page lies, so that only those are looked into
    const offset = Math.max(0, wanted.offset - total);
    const limit = Math.min(count - offset, wanted.size - devices.length);
    if (limit > 0) {
      const rows = await listDevicesByStatus(db, key, status, { offset, limit });
      devices.push(...rows.map((row) => withSecret(vault, row)));
    }
    total += count;
  }
  return { page: wanted, total, devices };
}

/**
 * Counts devices: of a product, of a group, of a product in a group, or all.
 * @throws product.malformedKey, product.notFound, group.notFound
 */
export async function deviceStatistics(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly productKey?: string | undefined; readonly groupId?: string | undefined },
): Promise<DeviceCounts> {
  const productKey = input.productKey || undefined;
  const { groupId } = input;
  if (productKey !== undefined) await requireProduct(engine.read, scope, productKey);
  if (!groupId) return countDevices(engine.read, scope.instanceId, productKey);
  const group = isOpaqueId(groupId) ? await findGroup(engine.read, scope.instanceId, groupId) : undefined;
  return groupStatistics({ engine }, group ?? fail('group.notFound'), productKey);
}

/** Counts the devices directly in a static group, or found by the rule of a dynamic one, of one product or of all. */
export async function groupStatistics(
  { engine }: Pick<Deps, 'engine'>,
  group: GroupRow,
  productKey?: string,
): Promise<DeviceCounts> {
  const search = searchOf(group);
  if (search) {
    const { total, activated, online } = await countFound(engine.read, group.instance_id, search, { productKey });
    return { total, activated, online };
  }
  const counts = await countDevicesOfGroup(engine.read, group.id);
  const wanted = productKey === undefined ? [...counts.values()] : [counts.get(productKey) ?? NONE];
  return wanted.reduce(add, NONE);
}

const NONE: DeviceCounts = { total: 0, activated: 0, online: 0 };
const add = (a: DeviceCounts, b: DeviceCounts): DeviceCounts => ({
  total: a.total + b.total,
  activated: a.activated + b.activated,
  online: a.online + b.online,
});
