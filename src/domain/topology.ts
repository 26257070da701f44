import { type DeviceError, type DeviceErrorKey, deviceErrors } from '../contract/device-errors.ts';
import type { Db, Tx } from '../store/engine.ts';
import { findProductForRegistration, lockForRegistration } from '../store/queries/enrolments.ts';
import {
  countSubDevices,
  findGateway,
  findSubDevices,
  gatewaysOf,
  lockGateway,
  moveToGateway,
  removeFromGateway,
  subDevicesOf,
} from '../store/queries/topology.ts';
import type { DeviceNames } from '../wire/device-topics.ts';
import { deviceKey, type Proxied, type SubDeviceClaim } from '../wire/gateway-messages.ts';
import { connectSignature, sameHex } from '../wire/mqtt-connect.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef, GatewayOutcome, TopologyRequest } from './device-services.ts';
import { DISABLED } from './device-status.ts';
import { isOpen, type Product, productOfClaim, type Registrant, renewSecret } from './dynamic-registration.ts';
import { isDeviceName, isProductKey } from './names.ts';

type TopologyDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'>;
type Gateway = NonNullable<Awaited<ReturnType<typeof findGateway>>>;
type SubDevice = Awaited<ReturnType<typeof findSubDevices>>[number];

const GATEWAY = 1;

/** Ends the work on a request, and its transaction, with an answer. */
class Refused extends Error {
  readonly error: DeviceErrorKey;
  readonly devices: readonly DeviceNames[] | undefined;

  constructor(error: DeviceErrorKey, devices?: readonly DeviceNames[]) {
    super(error);
    this.error = error;
    this.devices = devices;
  }
}

const refuse = (error: DeviceErrorKey, devices?: readonly DeviceNames[]): never => {
  throw new Refused(error, devices);
};

async function outcomeOf<T>(work: () => Promise<T>): Promise<GatewayOutcome<T>> {
  try {
    return { ok: true, data: await work() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, error: error.error, ...(error.devices ? { devices: error.devices } : {}) };
  }
}

/** Does what a gateway asks for about the devices behind it; all of a request or nothing (device-protocol 8). */
export function answerGateway(
  deps: TopologyDeps,
  gateway: DeviceRef,
  request: TopologyRequest,
): Promise<GatewayOutcome> {
  return outcomeOf<unknown>(() => {
    switch (request.op) {
      case 'subRegister':
        return registerSubDevices(deps, gateway, request.devices);
      case 'productRegister':
        return registerProxied(deps, gateway, request.proxieds);
      case 'topoAdd':
        return addSubDevices(deps, gateway, request.claims);
      case 'topoDelete':
        return deleteSubDevices(deps, gateway, request.devices);
      case 'topoGet':
        return listSubDevices(deps, gateway);
    }
  });
}

/** The gateway itself: a device of a product with NodeType 1. */
async function requireGateway(db: Db, { deviceId }: DeviceRef): Promise<Gateway> {
  const gateway = (await findGateway(db, deviceId)) ?? refuse('deviceNotFound');
  return gateway.node_type === GATEWAY ? gateway : refuse('noGateway');
}

/**
 * The devices that a gateway named, in the order given: of its own instance, and no gateways themselves. That keeps a
 * gateway's login from ever waiting for one that waits for it.
 */
async function requireSubDevices<T extends DeviceNames>(
  db: Db,
  gateway: Gateway,
  wanted: readonly T[],
): Promise<{ readonly row: SubDevice; readonly named: T }[]> {
  const namesOf = new Map<string, string[]>();
  for (const { productKey, deviceName } of wanted) {
    if (isProductKey(productKey) && isDeviceName(deviceName)) {
      namesOf.set(productKey, [...(namesOf.get(productKey) ?? []), deviceName]);
    }
  }
  const rows = await findSubDevices(db, gateway.instance_id, namesOf);
  const found = new Map(rows.map((row) => [deviceKey({ productKey: row.product_key, deviceName: row.name }), row]));
  const missing = wanted.filter((named) => !found.has(deviceKey(named)));
  if (missing.length > 0) refuse('deviceNotFound', missing);
  const devices = wanted.map((named) => ({ row: found.get(deviceKey(named)) as SubDevice, named }));
  refuseIf('ownTopology', devices, ({ row }) => row.id === gateway.id);
  refuseIf('badRequest', devices, ({ row }) => row.node_type === GATEWAY);
  return devices;
}

/** Refuses a request for the devices that fail a test. */
function refuseIf<T extends { readonly named: DeviceNames }>(
  error: DeviceErrorKey,
  devices: readonly T[],
  fails: (device: T) => boolean,
): void {
  const failing = devices.filter(fails);
  if (failing.length > 0)
    refuse(
      error,
      failing.map(({ named }) => named),
    );
}

/** The clientId takes part as it is, bars and all (device-protocol 8). */
function isSigned({ vault }: Pick<Deps, 'vault'>, claim: SubDeviceClaim, row: SubDevice): boolean {
  const { clientId: id, deviceName, productKey, timestamp, method, sign } = claim;
  return sameHex(sign, connectSignature(method, vault.open(row.secret), { id, deviceName, productKey, timestamp }));
}

async function addSubDevices(deps: TopologyDeps, ref: DeviceRef, claims: readonly SubDeviceClaim[]): Promise<object> {
  return deps.engine.transaction(async (tx) => {
    const gateway = await requireGateway(tx.db, ref);
    // the number of its sub-devices holds until the commit
    if (!(await lockGateway(tx, gateway.id))) refuse('deviceNotFound');
    const devices = await requireSubDevices(tx.db, gateway, claims);
    refuseIf('requestAuth', devices, ({ row, named }) => !isSigned(deps, named, row));
    refuseIf('deviceDisabled', devices, ({ row }) => row.status === DISABLED);
    const ids = devices.map(({ row }) => row.id).sort();
    const before = await moveToGateway(tx, gateway.id, ids, deps.clock.now());
    if ((await countSubDevices(tx.db, gateway.id)) > deps.limits.subDevicesPerGateway) refuse('tooManySubDevices');
    const changes = devices.flatMap(({ row, named: { productKey, deviceName } }) => {
      const gatewayId = before.get(row.id);
      return gatewayId === undefined ? [] : [{ gatewayId, change: 'removed' as const, productKey, deviceName }];
    });
    if (changes.length > 0) tx.nudge({ kind: 'topology', changes });
    return {};
  });
}

async function deleteSubDevices(deps: TopologyDeps, ref: DeviceRef, names: readonly DeviceNames[]): Promise<object> {
  return deps.engine.transaction(async (tx) => {
    const gateway = await requireGateway(tx.db, ref);
    const devices = await requireSubDevices(tx.db, gateway, names);
    await removeFromGateway(
      tx.db,
      gateway.id,
      devices.map(({ row }) => row.id),
    );
    return {};
  });
}

async function listSubDevices({ engine }: TopologyDeps, ref: DeviceRef): Promise<DeviceNames[]> {
  const gateway = await requireGateway(engine.read, ref);
  const rows = await subDevicesOf(engine.read, gateway.id);
  return rows.map((row) => ({ deviceName: row.name, productKey: row.product_key }));
}

/**
 * Who the devices are that a gateway logs in, if all of them may be: they stand behind it and signed what it says.
 * Records nothing.
 */
export function checkSubDevices(
  deps: Pick<Deps, 'engine' | 'vault'>,
  ref: DeviceRef,
  claims: readonly SubDeviceClaim[],
): Promise<GatewayOutcome<DeviceRef[]>> {
  return outcomeOf(async () => {
    const db = deps.engine.read;
    const gateway = await requireGateway(db, ref);
    const devices = await requireSubDevices(db, gateway, claims);
    refuseIf('invalidSign', devices, ({ row, named }) => !isSigned(deps, named, row));
    const gateways = await gatewaysOf(
      db,
      devices.map(({ row }) => row.id),
    );
    refuseIf('noTopology', devices, ({ row }) => gateways.get(row.id) !== gateway.id);
    refuseIf('deviceDisabled', devices, ({ row }) => row.status === DISABLED);
    return devices.map(({ row }) => ({ deviceId: row.id, productKey: row.product_key, deviceName: row.name }));
  });
}

interface Issued extends DeviceNames {
  readonly iotId: string;
  readonly deviceSecret: string;
}

/** Only what may stand behind a gateway is given a secret through one. */
function requireSubProduct(gateway: Gateway, product: Product, device: DeviceNames): void {
  if (product.instance_id !== gateway.instance_id) refuse('deviceNotFound', [device]);
  if (product.node_type === GATEWAY) refuse('badRequest', [device]);
}

/** Secrets of devices that exist, to a gateway that needs no proof for them: their product allows it. */
async function registerSubDevices(
  deps: TopologyDeps,
  ref: DeviceRef,
  names: readonly DeviceNames[],
): Promise<Issued[]> {
  return deps.engine.transaction(async (tx) => {
    const gateway = await requireGateway(tx.db, ref);
    const issued = new Map<string, Issued>();
    // always in the same order, since another gateway may ask for the same devices
    for (const device of [...names].sort((a, b) => (deviceKey(a) < deviceKey(b) ? -1 : 1))) {
      const product = isProductKey(device.productKey) && (await findProductForRegistration(tx.db, device.productKey));
      if (!product) return refuse('deviceNotFound', [device]);
      requireSubProduct(gateway, product, device);
      if (!product.dynamic_registration) refuse('registrationOff', [device]);
      issued.set(deviceKey(device), await issue(deps, tx, gateway, device));
    }
    return names.map((device) => issued.get(deviceKey(device)) as Issued);
  });
}

/**
 * The secret of a device that a gateway asks for. Before the device has connected, or after a reset, a new one; for a
 * device behind this gateway the one that it has, since gateways ask again whenever they start.
 */
async function issue(deps: TopologyDeps, tx: Tx, gateway: Gateway, names: DeviceNames): Promise<Issued> {
  const found = isDeviceName(names.deviceName)
    ? await lockForRegistration(tx, names.productKey, names.deviceName)
    : undefined;
  const device: Registrant = found ?? refuse('deviceNotFound', [names]);
  if (device.status === DISABLED) refuse('deviceDisabled', [names]);
  const bound = (await gatewaysOf(tx.db, [device.id])).get(device.id);
  if (bound !== undefined && bound !== gateway.id) refuse('boundElsewhere', [names]);
  const open = isOpen(device);
  if (!open && bound === undefined) refuse('alreadyActive', [names]);
  const deviceSecret = open ? await renewSecret(deps, tx, device) : deps.vault.open(device.secret);
  return { iotId: device.id, productKey: names.productKey, deviceName: names.deviceName, deviceSecret };
}

interface Proxy {
  readonly successes: Issued[];
  readonly failures: (DeviceNames & DeviceError)[];
}

/** Secrets of devices that prove, by way of the gateway, to know their product's; each for itself. */
async function registerProxied(deps: TopologyDeps, ref: DeviceRef, proxieds: readonly Proxied[]): Promise<Proxy> {
  const gateway = await requireGateway(deps.engine.read, ref);
  const result: Proxy = { successes: [], failures: [] };
  for (const { claim, productKey, deviceName } of proxieds) {
    const outcome = await outcomeOf(async () => {
      if (!claim) return refuse('badRequest');
      const product = await productOfClaim(deps, claim);
      if ('ok' in product) return refuse(product.error);
      requireSubProduct(gateway, product, claim);
      return deps.engine.transaction((tx) => issue(deps, tx, gateway, claim));
    });
    if (outcome.ok) result.successes.push(outcome.data);
    else result.failures.push({ productKey, deviceName, ...deviceErrors[outcome.error] });
  }
  return result;
}
