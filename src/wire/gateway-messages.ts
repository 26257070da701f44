import type { DeviceError } from '../contract/device-errors.ts';
import type { DeviceNames } from './device-topics.ts';
import { isObject, parseLenientJson, textOf } from './lenient-json.ts';
import { type SignMethod, signMethodOf } from './mqtt-connect.ts';
import { type RegistrationClaim, registrationClaim } from './registration.ts';

/** What a gateway can ask for on topics of its own (device-protocol 8). */
export type GatewayOp =
  | 'subRegister'
  | 'productRegister'
  | 'topoAdd'
  | 'topoDelete'
  | 'topoGet'
  | 'login'
  | 'batchLogin'
  | 'logout'
  | 'batchLogout';

/** Echoed as it came: some SDKs find their callbacks by it. */
export type MessageId = string | number;

/** A gateway says that a sub-device is there, with what the sub-device signed. Nothing is verified. */
export interface SubDeviceClaim extends DeviceNames {
  /** Taken as it is into the signature, bars and all; left out of it when absent. */
  readonly clientId: string | undefined;
  readonly timestamp: string | undefined;
  readonly method: SignMethod;
  readonly sign: string;
}

/** A registration that a gateway passes on; without a claim it is malformed. */
export interface Proxied extends DeviceNames {
  readonly claim: RegistrationClaim | undefined;
}

/** A request for each of the operations, so that one can be told from the others. */
type RequestFor<Op, Body> = Op extends string
  ? { readonly kind: 'gateway'; readonly id: MessageId; readonly op: Op } & Body
  : never;

export type GatewayRequest =
  | RequestFor<'subRegister' | 'topoDelete' | 'logout' | 'batchLogout', { readonly devices: readonly DeviceNames[] }>
  | RequestFor<'topoAdd' | 'login' | 'batchLogin', { readonly claims: readonly SubDeviceClaim[] }>
  | RequestFor<'productRegister', { readonly proxieds: readonly Proxied[] }>
  | RequestFor<'topoGet' | 'malformed', object>;

const sysOps: ReadonlyMap<string, GatewayOp> = new Map([
  ['thing/sub/register', 'subRegister'],
  ['thing/proxy/provisioning/product_register', 'productRegister'],
  ['thing/topo/add', 'topoAdd'],
  ['thing/topo/delete', 'topoDelete'],
  ['thing/topo/get', 'topoGet'],
]);
const sessionOps: ReadonlyMap<string, GatewayOp> = new Map([
  ['combine/login', 'login'],
  ['combine/batch_login', 'batchLogin'],
  ['combine/logout', 'logout'],
  ['combine/batch_logout', 'batchLogout'],
]);

/** What a topic with the gateway's own names asks for, if it is one of these. */
export function gatewayOpOf(topic: string): GatewayOp | undefined {
  const levels = topic.split('/');
  if (levels[1] === 'sys') return sysOps.get(levels.slice(4).join('/'));
  return levels[1] === 'ext' && levels[2] === 'session' ? sessionOps.get(levels.slice(5).join('/')) : undefined;
}

/** Devices in one request (device-protocol 8); the first two are of our own. */
const most: Readonly<Record<Exclude<GatewayOp, 'topoGet'>, number>> = {
  topoAdd: 200,
  topoDelete: 200,
  subRegister: 30,
  productRegister: 30,
  login: 1,
  batchLogin: 50,
  logout: 1,
  batchLogout: 50,
};

/** Reads a gateway's request. Never throws, whatever the bytes are. A device that is named twice counts once. */
export function decodeGatewayRequest(op: GatewayOp, payload: Uint8Array): GatewayRequest {
  const message = parseLenientJson(payload);
  const id = isObject(message) ? idOf(message['id']) : '';
  const malformed: GatewayRequest = { kind: 'gateway', id, op: 'malformed' };
  if (!isObject(message)) return malformed;
  if (op === 'topoGet') return { kind: 'gateway', id, op };
  const { params } = message;
  const entries = entriesOf(op, params);
  if (!entries || entries.length === 0) return malformed;
  switch (op) {
    case 'topoAdd':
    case 'login':
    case 'batchLogin': {
      const shared = isObject(params) ? methodText(params) : undefined;
      const claims = all(entries, (entry) => claimOf(entry, shared));
      return claims && claims.length <= most[op] ? { kind: 'gateway', id, op, claims } : malformed;
    }
    case 'productRegister': {
      const proxieds = all(entries, proxiedOf);
      return proxieds && proxieds.length <= most[op] ? { kind: 'gateway', id, op, proxieds } : malformed;
    }
    default: {
      const devices = all(entries, namesOf);
      return devices && devices.length <= most[op] ? { kind: 'gateway', id, op, devices } : malformed;
    }
  }
}

function entriesOf(op: Exclude<GatewayOp, 'topoGet'>, params: unknown): unknown[] | undefined {
  if (op === 'login' || op === 'logout') return [params];
  const list = op === 'batchLogin' ? member(params, 'deviceList') : params;
  const entries = op === 'productRegister' ? member(params, 'proxieds') : list;
  return Array.isArray(entries) ? entries : undefined;
}

const member = (value: unknown, name: string) => (isObject(value) ? value[name] : undefined);

/** Every entry as `read` takes it, each device once; undefined when one of them is malformed. */
function all<T extends DeviceNames>(entries: readonly unknown[], read: (entry: unknown) => T | undefined) {
  const found = new Map<string, T>();
  for (const entry of entries) {
    const one = read(entry);
    if (!one) return undefined;
    const key = deviceKey(one);
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

/** A text that no two devices share. */
export const deviceKey = ({ productKey, deviceName }: DeviceNames): string => `${productKey}/${deviceName}`;

function namesOf(entry: unknown): DeviceNames | undefined {
  const [productKey, deviceName] = [member(entry, 'productKey'), member(entry, 'deviceName')];
  return isText(productKey) && isText(deviceName) && productKey && deviceName ? { productKey, deviceName } : undefined;
}

function claimOf(entry: unknown, sharedMethod: string | undefined): SubDeviceClaim | undefined {
  const names = namesOf(entry);
  if (!names || !isObject(entry)) return undefined;
  const method = signMethodOf(methodText(entry) ?? sharedMethod);
  const sign = textOf(entry['sign']);
  if (!method || !sign) return undefined;
  return { ...names, clientId: textOf(entry['clientId']), timestamp: textOf(entry['timestamp']), method, sign };
}

function proxiedOf(entry: unknown): Proxied | undefined {
  const names = namesOf(entry);
  if (!names || !isObject(entry)) return undefined;
  const [random, sign] = [textOf(entry['random']), textOf(entry['sign'])];
  return { ...names, claim: registrationClaim({ ...names, random, sign, method: methodText(entry) }) };
}

/** `signmethod` or `signMethod`, whoever wrote the SDK. */
function methodText(entry: Readonly<Record<string, unknown>>): string | undefined {
  const key = Object.keys(entry).find((name) => name.toLowerCase() === 'signmethod');
  return key === undefined ? undefined : textOf(entry[key]);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const idOf = (value: unknown): MessageId => (isText(value) || typeof value === 'number' ? value : '');

/** What a gateway is answered. C 4.x gives up on an answer that lacks one of the four members. */
export interface GatewayAnswer {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}

export const succeeded = (data: unknown): GatewayAnswer => ({ code: 200, message: 'success', data });
export const failed = ({ code, message }: DeviceError, data: unknown = {}): GatewayAnswer => ({ code, message, data });

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
}

const json = (value: object) => Buffer.from(JSON.stringify(value));

/** @param topic of the request */
export function encodeGatewayAnswer(topic: string, id: MessageId, { code, message, data }: GatewayAnswer): Message {
  return { topic: `${topic}_reply`, payload: json({ id, code, data, message }) };
}

/** What a gateway is told unasked about sub-devices (device-protocol 8). */
export type GatewayNotice =
  | { readonly kind: 'topology'; readonly change: TopologyChange; readonly devices: readonly DeviceNames[] }
  | { readonly kind: 'device'; readonly event: 'enable' | 'disable' | 'delete'; readonly device: DeviceNames }
  /** A sub-device was logged out by the platform. */
  | { readonly kind: 'loggedOut'; readonly device: DeviceNames; readonly error: DeviceError }
  /** A message of a sub-device that is not logged in was dropped. */
  | { readonly kind: 'noSession'; readonly device: DeviceNames; readonly error: DeviceError };

export type TopologyChange = 'removed' | 'enabled' | 'disabled';
const changeNumbers: Readonly<Record<TopologyChange, number>> = { removed: 1, enabled: 2, disabled: 8 };

/** @param messageId a number that this server made, in milliseconds: far from the small ones that SDKs count up */
export function encodeGatewayNotice(gateway: DeviceNames, notice: GatewayNotice, messageId: number): Message {
  const own = `${gateway.productKey}/${gateway.deviceName}`;
  const id = String(messageId);
  switch (notice.kind) {
    case 'topology': {
      const subList = notice.devices.map(({ productKey, deviceName }) => ({ productKey, deviceName }));
      const params = { status: changeNumbers[notice.change], subList };
      const payload = json({ id, version: '1.0', params, method: 'thing.topo.change' });
      return { topic: `/sys/${own}/thing/topo/change`, payload };
    }
    case 'device': {
      const { device, event } = notice;
      const payload = json({ id, version: '1.0', params: {}, method: `thing.${event}` });
      return { topic: `/sys/${device.productKey}/${device.deviceName}/thing/${event}`, payload };
    }
    case 'loggedOut':
      return { topic: `/ext/session/${own}/combine/logout_reply`, payload: errorPayload(id, notice) };
    case 'noSession':
      return { topic: `/ext/error/${own}`, payload: errorPayload(id, notice) };
  }
}

function errorPayload(id: string, { device, error }: { readonly device: DeviceNames; readonly error: DeviceError }) {
  const { productKey, deviceName } = device;
  return json({ id, code: error.code, data: { productKey, deviceName }, message: error.message });
}
