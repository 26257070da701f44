import type { IConnectPacket } from 'mqtt-packet';
import { deviceErrors } from '../contract/device-errors.ts';
import type { DeviceRef, DeviceServices } from '../domain/device-services.ts';
import type { Log } from '../lib/log.ts';
import { TurnedAway, type Turnstile } from '../lib/turnstile.ts';
import type { Credentials } from '../wire/registration.ts';
import { type Accepted, decideConnect, type Refusal } from './connect.ts';
import type { Occupant, Registry } from './registry.ts';

export interface AdmissionDeps {
  readonly services: Pick<DeviceServices, 'login' | 'register'>;
  readonly registry: Registry<Occupant>;
  readonly log: Log;
  /** Bounds the logins that are under way and wait. */
  readonly devices: Turnstile;
  /** Whether devices must speak TLS to register. */
  readonly registrationNeedsTls: boolean;
}

/** The connection that asks to be let in. */
export interface Entrant extends Occupant {
  /** Nobody on the way can read what is said. */
  readonly secure: boolean;
}

/** What becomes of a CONNECT. */
export type Admission =
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly detail: string }
  /** The connection ended meanwhile. */
  | { readonly kind: 'gone' }
  /** The connection has the device's place, and has to leave it. */
  | { readonly kind: 'device'; readonly device: DeviceRef; readonly terms: Accepted }
  | { readonly kind: 'registrant'; readonly credentials: Credentials; readonly terms: Accepted };

const refused = (refusal: Refusal, detail: string): Admission => ({ kind: 'refused', refusal, detail });

/** Asks the rules who it is that connects, and gives it its place. Never rejects. */
export async function admit(deps: AdmissionDeps, entrant: Entrant, packet: IConnectPacket): Promise<Admission> {
  const terms = decideConnect(packet);
  if (!terms.ok) return refused(terms.refusal, terms.detail);
  const { registration } = terms;
  const { productKey, deviceName } = terms.claim;
  const enter = async (): Promise<Admission> => {
    // it may have gone while it waited for its turn
    if (entrant.ended) return { kind: 'gone' };
    return registration ? register(deps, entrant, terms, registration) : login(deps, entrant, terms);
  };
  try {
    return await deps.devices.pass(enter);
  } catch (error) {
    if (error instanceof TurnedAway) return refused('unavailable', error.message);
    const what = registration ? 'registration' : 'login';
    const { ip, connectionId } = entrant;
    deps.log.error({ ip, connectionId, error, productKey, deviceName }, `a ${what} failed`);
    return refused('unavailable', `the ${what} failed`);
  }
}

async function login({ services, registry }: AdmissionDeps, entrant: Entrant, terms: Accepted): Promise<Admission> {
  const since = registry.kickCount;
  const outcome = await services.login(terms.claim, entrant.ip);
  if (!outcome.ok) {
    const { productKey, deviceName } = terms.claim;
    const detail = `${outcome.detail} (${deviceName}&${productKey})`;
    return refused(outcome.reason === 'refused' ? 'credentials' : outcome.reason, detail);
  }
  const { device } = outcome;
  const entry = await registry.enter(device, entrant, since);
  if (entry === 'kicked') return refused('disabled', 'lost its right to connect during login');
  return entry === 'gone' ? { kind: 'gone' } : { kind: 'device', device, terms };
}

async function register(
  { services, registrationNeedsTls }: AdmissionDeps,
  entrant: Entrant,
  terms: Accepted,
  { kind, claim }: NonNullable<Accepted['registration']>,
): Promise<Admission> {
  // the credentials would be there for all to read (device-protocol 1.5)
  if (registrationNeedsTls && !entrant.secure) return refused('identifier', 'a registration without TLS');
  const outcome = await services.register(kind, claim, entrant.ip);
  if (outcome.ok) return { kind: 'registrant', credentials: outcome.credentials, terms };
  const { message } = deviceErrors[outcome.error];
  const refusal = outcome.error === 'tooManyRequests' ? 'throttled' : 'credentials';
  return refused(refusal, `registration: ${message} (${claim.deviceName}&${claim.productKey})`);
}
