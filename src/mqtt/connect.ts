import type { IConnackPacket, IConnectPacket } from 'mqtt-packet';
import { type ConnectClaim, parseConnect } from '../wire/mqtt-connect.ts';
import { type RegistrationClaim, type RegistrationKind, registrationOfConnect } from '../wire/registration.ts';
import type { MqttVersion } from './codec.ts';
import type { GatewayLimits } from './limits.ts';

/** Why a CONNECT is refused. */
export type Refusal =
  | 'version'
  | 'identifier'
  | 'unavailable'
  | 'credentials'
  | 'disabled'
  | 'throttled'
  | 'authMethod';

/** Return code of 3.1 and 3.1.1, reason code of 5.0 (device-protocol 1.5). */
const codes: Readonly<Record<Refusal, readonly [v3: number, v5: number]>> = {
  version: [1, 0x84],
  identifier: [2, 0x85],
  unavailable: [3, 0x88],
  credentials: [4, 0x86],
  disabled: [5, 0x87],
  throttled: [3, 0x9f],
  // exists in 5.0 only
  authMethod: [4, 0x8c],
};

export const refusalCode = (refusal: Refusal, version: MqttVersion): number => codes[refusal][version === 5 ? 1 : 0];

/** Seconds (device-protocol 1.6). */
const MIN_KEEP_ALIVE = 30;
const MAX_KEEP_ALIVE = 1200;

const MAX_IN_FLIGHT = 65_535;

export type Accepted = Extract<ConnectDecision, { ok: true }>;

export type ConnectDecision =
  | {
      readonly ok: true;
      readonly claim: ConnectClaim;
      /** The device does not want to log in but to be given what it can log in with. */
      readonly registration: { readonly kind: RegistrationKind; readonly claim: RegistrationClaim } | undefined;
      /** Seconds, as they hold from now on. */
      readonly keepAlive: number;
      /** To be told to a 5.0 device: the keep alive that it asked for was too long. */
      readonly clamped: boolean;
      /** For a 5.0 device that left the client id to the server. */
      readonly assignedId: string | undefined;
      /** Unacknowledged QoS 1 messages that the device takes at a time. */
      readonly receiveMaximum: number;
      /** Bytes of a whole packet that the device takes. */
      readonly maximumPacketSize: number;
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly detail: string };

const refuse = (refusal: Refusal, detail: string): ConnectDecision => ({ ok: false, refusal, detail });

/**
 * What to do with a CONNECT before anybody is asked who the device is. Wills and the clean flag are ignored: there is
 * no session to resume, since what a device has to be told is kept as tasks (device-protocol 1.6).
 */
export function decideConnect(packet: IConnectPacket): ConnectDecision {
  const version = packet.protocolVersion ?? 4;
  const properties = packet.properties ?? {};
  const password = packet.password?.toString() ?? '';
  if (properties.authenticationMethod !== undefined) return refuse('authMethod', 'enhanced authentication');
  // MQTT 3.1.1 3.1.3.1: without an id there is no session to keep; 3.1 knows no empty id
  if (packet.clientId === '' && (version === 3 || (version === 4 && !packet.clean))) {
    return refuse('identifier', 'empty client id');
  }
  const claim = parseConnect(packet.clientId, packet.username ?? '', password);
  if (!claim) {
    return parseConnect(packet.clientId, 'any&any', '')
      ? refuse('credentials', 'malformed user name')
      : refuse('identifier', 'malformed client id');
  }
  const kind = claim.extension.get('authType');
  const registers = kind === 'register' || kind === 'regnwl';
  const registrationClaim = registers ? registrationOfConnect(claim) : undefined;
  if (registers && !registrationClaim) return refuse('identifier', 'a registration lacks or misstates a parameter');
  const asked = packet.keepalive ?? 0;
  // a registration is over before its keep alive would matter (device-protocol 1.6)
  if (!registers && asked < MIN_KEEP_ALIVE) {
    return refuse('identifier', `keep alive of ${asked} s is below ${MIN_KEEP_ALIVE} s`);
  }
  const { productKey, deviceName } = claim;
  return {
    ok: true,
    claim,
    registration: registers && registrationClaim ? { kind, claim: registrationClaim } : undefined,
    keepAlive: Math.min(asked, MAX_KEEP_ALIVE),
    clamped: asked > MAX_KEEP_ALIVE,
    assignedId: packet.clientId === '' ? `${productKey}.${deviceName}` : undefined,
    receiveMaximum: positive(properties.receiveMaximum) ?? MAX_IN_FLIGHT,
    maximumPacketSize: positive(properties.maximumPacketSize) ?? Number.POSITIVE_INFINITY,
  };
}

/** The codec hands on whatever type a doubled property makes. */
const positive = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined);

/** The CONNACK that lets a device in. */
export function welcome(
  { assignedId, clamped, keepAlive }: Accepted,
  version: MqttVersion,
  { packetBytes, waitingReports }: Pick<GatewayLimits, 'packetBytes' | 'waitingReports'>,
): IConnackPacket {
  if (version !== 5) return { cmd: 'connack', sessionPresent: false, returnCode: 0 };
  const properties = {
    receiveMaximum: waitingReports,
    maximumQoS: 1,
    retainAvailable: false,
    maximumPacketSize: packetBytes,
    topicAliasMaximum: 0,
    wildcardSubscriptionAvailable: true,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
    ...(assignedId === undefined ? {} : { assignedClientIdentifier: assignedId }),
    ...(clamped ? { serverKeepAlive: keepAlive } : {}),
  };
  return { cmd: 'connack', sessionPresent: false, reasonCode: 0, properties };
}
