import type { DeviceErrorKey } from '../contract/device-errors.ts';
import type { Tx } from '../store/engine.ts';
import { insertDevice } from '../store/queries/devices.ts';
import {
  findProductForRegistration,
  forgetToken,
  listAllProducts,
  lockForRegistration,
  setDynamicRegistration,
  setSecret,
  setToken,
} from '../store/queries/enrolments.ts';
import { countDeviceIn } from '../store/queries/products.ts';
import { deviceLifecycleEvent } from '../wire/event-messages.ts';
import {
  type Credentials,
  type RegistrationClaim,
  type RegistrationKind,
  verifyRegistration,
} from '../wire/registration.ts';
import type { Deps } from './deps.ts';
import { DISABLED } from './device-status.ts';
import { namedDevice, newDevice } from './devices.ts';
import { emit } from './events.ts';
import { type FailedAttempts, unwatched } from './failed-attempts.ts';
import { Failure, fail } from './failure.ts';
import { isDeviceName, isProductKey } from './names.ts';

export type RegistrationOutcome<C extends Credentials = Credentials> =
  | { readonly ok: true; readonly credentials: C }
  | Refused;

interface Refused {
  readonly ok: false;
  readonly error: DeviceErrorKey;
}

type RegistrationDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'>;
export type Product = NonNullable<Awaited<ReturnType<typeof findProductForRegistration>>>;
export type Registrant = NonNullable<Awaited<ReturnType<typeof lockForRegistration>>>;

const refuse = (error: DeviceErrorKey): Refused => ({ ok: false, error });

/**
 * Gives a device credentials of its own because it knows its product's secret (device-protocol 2). Every registration
 * makes new ones and the last ones count; a device that has connected with them is refused until it is reset.
 *
 * What a guess costs: a product secret has 95 bits, so none will hit; nothing is written, and nothing about the product
 * told, before the signature is right; the caller logs each refusal with the peer's address.
 */
export async function registerDynamically(
  deps: RegistrationDeps,
  kind: RegistrationKind,
  claim: RegistrationClaim,
): Promise<RegistrationOutcome> {
  const product = await productOfClaim(deps, claim);
  if ('ok' in product) return product;
  const enrol = () => deps.engine.transaction((tx) => enrolIn(deps, tx, product, kind, claim));
  try {
    // two that make the device at the same time: the second finds it
    return await enrol().catch((error) => (deps.engine.isUniqueViolation(error) ? enrol() : Promise.reject(error)));
  } catch (error) {
    if (error instanceof Failure && error.key === 'device.countExceeded') return refuse('tooManyDevices');
    throw error;
  }
}

/**
 * Registers a device that exists, over HTTP (device-protocol 2.2).
 * @param claim undefined when the request could not be read
 * @param address of the peer, which may not fail more often than it is allowed to
 */
export async function registerOverHttp(
  deps: RegistrationDeps & { readonly attempts?: FailedAttempts },
  claim: RegistrationClaim | undefined,
  address: string,
): Promise<RegistrationOutcome<Extract<Credentials, { kind: 'register' }>>> {
  if (!claim) return refuse('badRequest');
  const outcome = await registerGuarded(deps, 'register', claim, address);
  if (!outcome.ok) return outcome;
  if (outcome.credentials.kind !== 'register') throw new Error('registered in another way than asked for');
  return { ok: true, credentials: outcome.credentials };
}

/** As {@link registerDynamically}, for an address that may not fail more often than it is allowed to. */
export async function registerGuarded(
  deps: RegistrationDeps & { readonly attempts?: FailedAttempts },
  kind: RegistrationKind,
  claim: RegistrationClaim,
  address: string,
): Promise<RegistrationOutcome> {
  const { attempts = unwatched } = deps;
  const attempt = () => registerDynamically(deps, kind, claim);
  const isGuess = (outcome: RegistrationOutcome) => !outcome.ok && outcome.error === 'invalidSign';
  const outcome = await attempts.guard(address, attempt, isGuess);
  return outcome === 'throttled' ? refuse('tooManyRequests') : outcome;
}

/** The product that a claim proves to know the secret of, if its devices may register. */
export async function productOfClaim(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  claim: RegistrationClaim,
): Promise<Product | Refused> {
  const named = isProductKey(claim.productKey) && isDeviceName(claim.deviceName);
  const product = named ? await findProductForRegistration(engine.read, claim.productKey) : undefined;
  // the same answer whether there is such a product or not
  if (!product || !verifyRegistration(claim, vault.open(product.secret))) return refuse('invalidSign');
  return product.dynamic_registration ? product : refuse('registrationOff');
}

async function enrolIn(
  deps: RegistrationDeps,
  tx: Tx,
  product: Product,
  kind: RegistrationKind,
  { productKey, deviceName }: RegistrationClaim,
): Promise<RegistrationOutcome> {
  const device = await lockForRegistration(tx, productKey, deviceName);
  if (!device && kind === 'register') return refuse('deviceNotFound');
  if (device?.status === DISABLED) return refuse('deviceDisabled');
  if (device && !isOpen(device)) return refuse('alreadyActive');
  const id = device?.id ?? (await makeDevice(deps, tx, product, deviceName));
  const deviceSecret = device ? await renewSecret(deps, tx, device) : '';
  if (kind === 'register') return { ok: true, credentials: { kind, productKey, deviceName, deviceSecret } };
  const [clientId, deviceToken] = [deps.ids.id(), deps.ids.text(32)];
  await setToken(tx.db, id, { client_id: clientId, token: deps.vault.seal(deviceToken) });
  return { ok: true, credentials: { kind, productKey, deviceName, clientId, deviceToken } };
}

/** Whether a device may be given credentials: until it has connected, and after a reset until it connects again. */
export function isOpen({ active_at, online_at, reset_at }: Registrant): boolean {
  return active_at === null || (reset_at !== null && reset_at >= (online_at ?? 0));
}

/** Replaces a device's secret and whatever else it could log in with, and ends the connection that it may have. */
export async function renewSecret(
  { clock, ids, vault }: Pick<Deps, 'clock' | 'ids' | 'vault'>,
  tx: Tx,
  device: Registrant,
): Promise<string> {
  const deviceSecret = ids.text(32);
  await setSecret(tx.db, device.id, { secret: vault.seal(deviceSecret), now: clock.now() });
  await forgetToken(tx.db, device.id);
  if (device.active_at !== null) tx.nudge({ kind: 'kick', deviceIds: [device.id] });
  return deviceSecret;
}

/** @throws device.countExceeded */
async function makeDevice(deps: RegistrationDeps, tx: Tx, product: Product, name: string): Promise<string> {
  const scope = { instanceId: product.instance_id };
  const row = newDevice(deps, scope, { productKey: product.key, name, nickname: '' });
  // the count comes last, as when an API call registers a device
  await insertDevice(tx.db, row);
  const counted = { instanceId: product.instance_id, key: product.key };
  if (!(await countDeviceIn(tx.db, counted, deps.limits.devicesPerProduct))) fail('device.countExceeded');
  await emit(tx, deps, [deviceLifecycleEvent(namedDevice(row), 'create', row.created_at)]);
  return row.id;
}

/** Lets the devices of a product register, or no longer; an operator's switch. @returns false when there is no such product */
export async function switchDynamicRegistration(
  { engine }: Pick<Deps, 'engine'>,
  productKey: string,
  on: boolean,
): Promise<boolean> {
  return engine.transaction((tx) => setDynamicRegistration(tx.db, productKey, on));
}

/** The products of every account, oldest first. */
export async function allProducts({ engine }: Pick<Deps, 'engine'>) {
  return listAllProducts(engine.read);
}
