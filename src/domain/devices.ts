import { type DeviceStatus, deviceStatusText } from '../contract/device-status.ts';
import type { Db } from '../store/engine.ts';
import {
  type DeviceDetailRow,
  type DeviceRow,
  findDevice,
  findDeviceByName,
  findDeviceDetail,
  findDeviceDetailByName,
  findDeviceDetails,
  findDevices,
  findDevicesByName,
  insertDevice,
  listDevices,
  removeDevice,
} from '../store/queries/devices.ts';
import { countDeviceIn, countDeviceOut } from '../store/queries/products.ts';
import { deviceLifecycleEvent, type NamedDevice } from '../wire/event-messages.ts';
import type { Deps, Scope } from './deps.ts';
import { emit } from './events.ts';
import { fail } from './failure.ts';
import { tellGateway } from './gateway-nudges.ts';
import { isDeviceName, isNickname, isOpaqueId } from './names.ts';
import { type Page, page } from './paging.ts';
import { checkProductKey, requireProduct } from './products.ts';
import { forgetStatuses } from './status-history.ts';
import { endTasksOfDevice } from './task-endings.ts';

export interface Device {
  /** The IotId. */
  readonly id: string;
  readonly productKey: string;
  readonly name: string;
  /** Empty when none is set. */
  readonly nickname: string;
  readonly status: DeviceStatus;
  readonly statusAt: number;
  readonly activeAt: number | null;
  readonly onlineAt: number | null;
  readonly ip: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface DeviceWithSecret extends Device {
  readonly secret: string;
}

export interface DeviceDetail extends DeviceWithSecret {
  readonly productName: string;
  readonly nodeType: number;
  /** Version of the module `default`, empty until it is reported. */
  readonly firmwareVersion: string;
}

/** One device as clients name it: the id wins over product and name. */
export interface DeviceSelector {
  readonly id?: string | undefined;
  readonly productKey?: string | undefined;
  readonly name?: string | undefined;
}

const MOST_DETAILS = 100;
const MOST_STATES = 50;
const LARGEST_PAGE = 50;
const DEFAULT_PAGE_SIZE = 10;

export const toDevice = (row: DeviceRow): Device => ({
  id: row.id,
  productKey: row.product_key,
  name: row.name,
  nickname: row.nickname,
  status: deviceStatusText(row.status),
  statusAt: row.status_at,
  activeAt: row.active_at,
  onlineAt: row.online_at,
  ip: row.ip ?? '',
  createdAt: row.created_at,
  modifiedAt: row.modified_at,
});

/** A device with its secret in clear. */
export const withSecret = (vault: Deps['vault'], row: DeviceRow): DeviceWithSecret => ({
  ...toDevice(row),
  secret: vault.open(row.secret),
});

const toDetail = (vault: Deps['vault'], row: DeviceDetailRow): DeviceDetail => ({
  ...withSecret(vault, row),
  productName: row.product_name,
  nodeType: row.node_type,
  firmwareVersion: row.firmware_version ?? '',
});

/** How events name a device. */
export const namedDevice = (row: Pick<DeviceRow, 'id' | 'product_key' | 'name'>): NamedDevice => ({
  deviceId: row.id,
  productKey: row.product_key,
  deviceName: row.name,
});

/** The row of a device that has never connected, with a new id and a new secret. */
export function newDevice(
  deps: Pick<Deps, 'clock' | 'ids' | 'vault'>,
  { instanceId }: Pick<Scope, 'instanceId'>,
  device: { readonly productKey: string; readonly name: string; readonly nickname: string },
): DeviceRow {
  const now = deps.clock.now();
  return {
    id: deps.ids.id() + deps.ids.text(3),
    instance_id: instanceId,
    product_key: device.productKey,
    name: device.name,
    secret: deps.vault.seal(deps.ids.text(32)),
    nickname: device.nickname,
    status: 0,
    active_at: null,
    online_at: null,
    status_at: now,
    ip: null,
    created_at: now,
    modified_at: now,
    history_at: null,
    history_before: null,
    history_count: 0,
  };
}

/**
 * Registers a device; a name that is taken in the product is refused, never answered with the device that has it.
 * @param input without a name one of 20 letters and digits is made up
 * @throws product.nullKey, product.malformedKey, product.notFound, device.malformedName, device.malformedNickname,
 * device.nameTaken, device.countExceeded
 */
export async function registerDevice(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'>,
  scope: Scope,
  input: { readonly productKey: string; readonly name?: string | undefined; readonly nickname?: string | undefined },
): Promise<DeviceWithSecret> {
  const productKey = checkProductKey(input.productKey);
  const name = input.name || deps.ids.text(20);
  if (!isDeviceName(name)) fail('device.malformedName');
  const nickname = input.nickname ?? '';
  if (nickname !== '' && !isNickname(nickname)) fail('device.malformedNickname');
  const row = newDevice(deps, scope, { productKey, name, nickname });
  try {
    await deps.engine.transaction(async (tx) => {
      await requireProduct(tx.db, scope, productKey);
      // the count comes last: every registration of a product waits for its row
      await insertDevice(tx.db, row);
      tx.made(row.id);
      const product = { instanceId: scope.instanceId, key: productKey };
      if (!(await countDeviceIn(tx.db, product, deps.limits.devicesPerProduct))) fail('device.countExceeded');
      await emit(tx, deps, [deviceLifecycleEvent(namedDevice(row), 'create', row.created_at)]);
    });
  } catch (error) {
    if (deps.engine.isUniqueViolation(error)) fail('device.nameTaken');
    throw error;
  }
  return withSecret(deps.vault, row);
}

interface Finder<T> {
  readonly byId: (db: Db, instanceId: string, id: string) => Promise<T | undefined>;
  readonly byName: (db: Db, instanceId: string, productKey: string, name: string) => Promise<T | undefined>;
}
const anyDevice: Finder<DeviceRow> = { byId: findDevice, byName: findDeviceByName };
const anyDetail: Finder<DeviceDetailRow> = { byId: findDeviceDetail, byName: findDeviceDetailByName };

/** The device that a client named (openapi-devices 0, "Device selector"). */
async function select<T>(db: Db, scope: Scope, selector: DeviceSelector, find: Finder<T>): Promise<T> {
  if (selector.id) {
    // one code for ids that are malformed and for ids that nobody has (openapi-gateway 10)
    if (!isOpaqueId(selector.id)) fail('device.invalidIotId');
    return (await find.byId(db, scope.instanceId, selector.id)) ?? fail('device.invalidIotId');
  }
  const productKey = checkProductKey(selector.productKey);
  if (!selector.name) fail('device.nullName');
  if (!isDeviceName(selector.name)) fail('device.malformedName');
  const found = await find.byName(db, scope.instanceId, productKey, selector.name);
  if (found) return found;
  await requireProduct(db, scope, productKey);
  fail('device.notFound');
}

/** The row of a device that a client named. @throws product.*, device.nullName, device.malformedName, device.notFound, device.invalidIotId */
export async function requireDevice(db: Db, scope: Scope, selector: DeviceSelector): Promise<DeviceRow> {
  return select(db, scope, selector, anyDevice);
}

/** @throws as requireDevice */
export async function getDevice(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<Device> {
  return toDevice(await requireDevice(engine.read, scope, selector));
}

/** @throws as requireDevice */
export async function getDeviceWithSecret(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<DeviceWithSecret> {
  return withSecret(vault, await requireDevice(engine.read, scope, selector));
}

/** @throws as requireDevice */
export async function getDeviceDetail(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<DeviceDetail> {
  return toDetail(vault, await select(engine.read, scope, selector, anyDetail));
}

/**
 * A list of device names without its repetitions.
 * @throws device.noNames, device.tooManyNames, device.nullName, device.malformedNameInList
 */
function checkDeviceNames(names: readonly string[] | undefined, most: number): string[] {
  if (!names || names.length === 0) fail('device.noNames');
  if (names.length > most) fail('device.tooManyNames');
  if (names.includes('')) fail('device.nullName');
  if (!names.every(isDeviceName)) fail('device.malformedNameInList');
  return [...new Set(names)];
}

/** The rows in the order in which they were asked for; what was not found is left out. */
function inOrder<T>(wanted: readonly string[], rows: readonly T[], keyOf: (row: T) => string): T[] {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  return wanted.flatMap((key) => found.get(key) ?? []);
}

/** Details of at most 100 devices in the order given, without those that do not exist. @throws product.*, device.* */
export async function getDeviceDetails(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  scope: Scope,
  input: { readonly productKey: string; readonly names: readonly string[] },
): Promise<DeviceDetail[]> {
  const productKey = checkProductKey(input.productKey);
  const names = checkDeviceNames(input.names, MOST_DETAILS);
  await requireProduct(engine.read, scope, productKey);
  const rows = await findDeviceDetails(engine.read, scope.instanceId, productKey, names);
  return inOrder(names, rows, (row) => row.name).map((row) => toDetail(vault, row));
}

/**
 * At most 50 devices in the order given, without those that do not exist. Ids win over product and names.
 * @throws product.*, device.*
 */
export async function getDevices(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: {
    readonly ids?: readonly string[] | undefined;
    readonly productKey?: string | undefined;
    readonly names?: readonly string[] | undefined;
  },
): Promise<Device[]> {
  if (input.ids && input.ids.length > 0) {
    if (input.ids.length > MOST_STATES) fail('device.tooManyNames');
    if (!input.ids.every(isOpaqueId)) fail('device.invalidIotId');
    const ids = [...new Set(input.ids)];
    const rows = await findDevices(engine.read, scope.instanceId, ids);
    return inOrder(ids, rows, (row) => row.id).map(toDevice);
  }
  const productKey = checkProductKey(input.productKey);
  const names = checkDeviceNames(input.names, MOST_STATES);
  await requireProduct(engine.read, scope, productKey);
  const rows = await findDevicesByName(engine.read, scope.instanceId, productKey, names);
  return inOrder(names, rows, (row) => row.name).map(toDevice);
}

/**
 * Leads on from a device of a list: the devices of a product, or of a group. Bound to the list's key or id, so that it
 * does not lead astray in another list.
 */
export const pageToken = (list: string, id: string) => Buffer.from(list + id).toString('base64url');

/** The id in a token made by `pageToken`. @throws device.illegalPageToken */
export function readPageToken(token: string, list: string): string {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const id = text.slice(list.length);
  if (!isOpaqueId(id) || token !== pageToken(list, id)) fail('device.illegalPageToken');
  return id;
}

/**
 * A page of the devices of a product, newest first. With a token it goes on where the page that gave the token
 * ended, whatever the page number. Beyond the depth that is served without a token the page is empty
 * (openapi-devices 3, QueryDevice).
 * @throws product.nullKey, product.malformedKey, product.notFound, common.invalidPage, device.illegalPageToken
 */
export async function pageOfDevices(
  { engine, vault, limits }: Pick<Deps, 'engine' | 'vault' | 'limits'>,
  scope: Scope,
  input: {
    readonly productKey: string;
    readonly page?: number | undefined;
    readonly pageSize?: number | undefined;
    readonly token?: string | undefined;
  },
): Promise<{ page: Page; total: number; devices: DeviceWithSecret[]; nextToken: string }> {
  const productKey = checkProductKey(input.productKey);
  const wanted = page(input.page ?? 1, input.pageSize ?? DEFAULT_PAGE_SIZE, { maxSize: LARGEST_PAGE });
  const depth = wanted.number * wanted.size;
  if (depth >= limits.deviceDepthWithToken) fail('common.invalidPage');
  const before = input.token ? readPageToken(input.token, productKey) : undefined;
  const { device_count: total } = await requireProduct(engine.read, scope, productKey);
  if (before === undefined && (depth > limits.deviceDepth || wanted.offset >= total)) {
    return { page: wanted, total, devices: [], nextToken: '' };
  }
  // one row more tells whether there is a next page
  const rows = await listDevices(engine.read, scope.instanceId, productKey, {
    before,
    offset: before === undefined ? wanted.offset : 0,
    limit: wanted.size + 1,
  });
  const shown = rows.slice(0, wanted.size);
  const last = rows.length > wanted.size ? shown.at(-1) : undefined;
  return {
    page: wanted,
    total,
    devices: shown.map((row) => withSecret(vault, row)),
    nextToken: last ? pageToken(productKey, last.id) : '',
  };
}

/**
 * Deletes a device with all that belongs to it, cancels its unfinished tasks and ends its connection.
 * @throws as requireDevice
 */
export async function deleteDevice(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  scope: Scope,
  selector: DeviceSelector,
): Promise<void> {
  await deps.engine.transaction(async (tx) => {
    const device = await requireDevice(tx.db, scope, selector);
    await tellGateway(tx, device, 'deleted');
    // first, because it keeps others from adding to what belongs to the device
    const removed = (await removeDevice(tx.db, scope.instanceId, device.id)) ?? fail('device.notFound');
    await forgetStatuses(tx, removed);
    await endTasksOfDevice(tx, deps, device.id);
    await emit(tx, deps, [deviceLifecycleEvent(namedDevice(device), 'delete', deps.clock.now())]);
    await countDeviceOut(tx.db, { instanceId: scope.instanceId, key: device.product_key });
    tx.nudge({ kind: 'kick', deviceIds: [device.id] });
  });
}
