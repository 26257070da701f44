import { parseBase62 } from '../lib/ids.ts';
import {
  type ApplicationRow,
  type AppliedName,
  appliedNames,
  findApplication,
  insertApplication,
  listAppliedDevices,
  lockApplication,
  updateApplication,
} from '../store/queries/device-applications.ts';
import type { ApplyStatus } from '../store/schema.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { carriable, isDeviceName, isNickname } from './names.ts';
import { type Page, page } from './paging.ts';
import { checkProductKey, requireProduct } from './products.ts';

/** Devices of one application (openapi-devices 0, "Quotas"). */
const MOST_DEVICES = 10_000;
const LARGEST_PAGE = 50;
const DEFAULT_PAGE_SIZE = 10;
/** 62^8 has 15 digits: stock clients read longer numbers as something else (openapi-gateway 7.1). */
const ID_DIGITS = 8;

/** What is told of a name that cannot be registered; several reasons are joined (openapi-devices 3, "Batch registration"). */
export const nameErrors = {
  malformedName: 'The DeviceName format is invalid.',
  malformedNickname: 'The Nickname format is invalid.',
  taken: 'The device name already exists.',
  full: 'The number of devices exceeds the limit.',
} as const;

export const joinErrors = (...errors: readonly (string | null | undefined)[]): string | null =>
  errors.filter((error) => error).join('|') || null;

export interface AskedName {
  readonly name: string;
  readonly nickname?: string | undefined;
}

export interface BadName {
  readonly name: string;
  readonly nickname: string;
  readonly error: string;
}

export interface CheckAnswer {
  readonly id: number;
  readonly invalidNames: string[];
  readonly invalidNicknames: string[];
  readonly details: BadName[];
  readonly repeated: string[];
}

/** Every name once, in the order given, with what is wrong with its form. Pure. */
function judge(asked: readonly AskedName[]): { names: AppliedName[]; repeated: string[] } {
  const names = new Map<string, AppliedName>();
  const repeated = new Set<string>();
  for (const { name: text, nickname: alias = '' } of asked) {
    // told again, so it must fit into an answer
    const [name, nickname] = [carriable(text), carriable(alias)];
    if (names.has(name)) {
      repeated.add(name);
      continue;
    }
    const error = joinErrors(
      isDeviceName(name) ? null : nameErrors.malformedName,
      nickname === '' || isNickname(nickname) ? null : nameErrors.malformedNickname,
    );
    names.set(name, { position: names.size, name, nickname, error });
  }
  return { names: [...names.values()], repeated: [...repeated] };
}

const badNames = (names: readonly AppliedName[]): BadName[] =>
  names.flatMap(({ name, nickname, error }) => (error === null ? [] : [{ name, nickname, error }]));

function newApplication(
  { clock, ids }: Pick<Deps, 'clock' | 'ids'>,
  scope: Scope,
  given: Pick<ApplicationRow, 'product_key' | 'status' | 'named' | 'total' | 'failed'>,
): ApplicationRow {
  const now = clock.now();
  return {
    ...given,
    id: (parseBase62(ids.text(ID_DIGITS)) ?? 0) + 1,
    instance_id: scope.instanceId,
    cursor: 0,
    registered: 0,
    created_at: now,
    modified_at: now,
    due_at: now,
  };
}

/**
 * Applies for devices by name: what is malformed is told at once, what is taken once the check is done.
 * @throws product.*, device.noNames, device.tooManyNames
 */
export async function checkNames(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  scope: Scope,
  input: { readonly productKey: string; readonly names: readonly AskedName[] },
): Promise<CheckAnswer> {
  const productKey = checkProductKey(input.productKey);
  if (input.names.length === 0) fail('device.noNames');
  if (input.names.length > MOST_DEVICES) fail('device.tooManyNames');
  const { names, repeated } = judge(input.names);
  const details = badNames(names);
  const row = newApplication(deps, scope, {
    product_key: productKey,
    status: 'CHECK',
    named: 1,
    total: names.length,
    failed: details.length,
  });
  await deps.engine.transaction(async (tx) => {
    await requireProduct(tx.db, scope, productKey);
    await insertApplication(tx, row, names);
    tx.made(String(row.id));
  });
  const having = (error: string) => details.filter((bad) => bad.error.includes(error));
  return {
    id: row.id,
    invalidNames: having(nameErrors.malformedName).map(({ name }) => name),
    invalidNicknames: having(nameErrors.malformedNickname).map(({ nickname }) => nickname),
    details,
    repeated,
  };
}

/** Applies for a number of devices whose names are made up. @throws product.*, common.invalidParameter, device.countExceeded */
export async function applyForDevices(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits'>,
  scope: Scope,
  input: { readonly productKey: string; readonly count: number },
): Promise<number> {
  const productKey = checkProductKey(input.productKey);
  const { count } = input;
  if (count < 1 || count > MOST_DEVICES) fail('common.invalidParameter', { Parameter: 'Count' });
  const row = newApplication(deps, scope, {
    product_key: productKey,
    status: 'CREATE',
    named: 0,
    total: count,
    failed: 0,
  });
  await deps.engine.transaction(async (tx) => {
    const product = await requireProduct(tx.db, scope, productKey);
    if (product.device_count + count > deps.limits.devicesPerProduct) fail('device.countExceeded');
    await insertApplication(tx, row, []);
    tx.made(String(row.id));
  });
  return row.id;
}

/** The application that a client named. @throws device.malformedApplyId, device.applicationNotFound */
function required(row: ApplicationRow | undefined, scope: Scope, productKey?: string): ApplicationRow {
  const fits = row?.instance_id === scope.instanceId && (productKey === undefined || row.product_key === productKey);
  return row && fits ? row : fail('device.applicationNotFound');
}

function checkApplyId(id: number): number {
  if (id < 1) fail('device.malformedApplyId');
  return id;
}

/**
 * Has the devices of a successful check made.
 * @throws product.*, device.malformedApplyId, device.applicationNotFound, device.applicationRunning,
 * device.applicationUnfit when its check failed or its devices were made before, device.countExceeded
 */
export async function registerApplied(
  { engine, clock, limits }: Pick<Deps, 'engine' | 'clock' | 'limits'>,
  scope: Scope,
  input: { readonly productKey: string; readonly id: number },
): Promise<void> {
  const productKey = checkProductKey(input.productKey);
  const id = checkApplyId(input.id);
  await engine.transaction(async (tx) => {
    const product = await requireProduct(tx.db, scope, productKey);
    const { status, total } = required(await lockApplication(tx, id), scope, productKey);
    if (status === 'CHECK' || status === 'CREATE') fail('device.applicationRunning');
    if (status !== 'CHECK_SUCCESS') fail('device.applicationUnfit');
    if (product.device_count + total > limits.devicesPerProduct) fail('device.countExceeded');
    const now = clock.now();
    await updateApplication(tx.db, id, { status: 'CREATE', cursor: 0, modified_at: now, due_at: now });
  });
}

export interface ApplicationState {
  readonly status: ApplyStatus;
  /** Names that can be registered, or have been; like `bad` only told of an application that failed. */
  readonly valid: string[];
  readonly bad: BadName[];
}

/** @throws product.*, device.malformedApplyId, device.applicationNotFound */
export async function applicationState(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly productKey: string; readonly id: number },
): Promise<ApplicationState> {
  const productKey = checkProductKey(input.productKey);
  const id = checkApplyId(input.id);
  await requireProduct(engine.read, scope, productKey);
  const row = required(await findApplication(engine.read, scope.instanceId, id), scope, productKey);
  if (row.status !== 'CHECK_FAILED' && row.status !== 'CREATE_FAILED') {
    return { status: row.status, valid: [], bad: [] };
  }
  const names = await appliedNames(engine.read, id, { from: 0, to: row.total });
  return {
    status: row.status,
    valid: names.flatMap(({ name, error }) => (error === null ? [name] : [])),
    bad: badNames(names),
  };
}

/**
 * A page of the devices that an application has made so far, in the order of its names. A device that was deleted since
 * is left out of its page.
 * @throws device.malformedApplyId, device.applicationNotFound, common.invalidPage
 */
export async function pageOfAppliedDevices(
  { engine, vault }: Pick<Deps, 'engine' | 'vault'>,
  scope: Scope,
  input: { readonly id: number; readonly page?: number | undefined; readonly pageSize?: number | undefined },
): Promise<{ page: Page; total: number; devices: { id: string; name: string; secret: string }[] }> {
  const id = checkApplyId(input.id);
  const wanted = page(input.page ?? 1, input.pageSize ?? DEFAULT_PAGE_SIZE, { maxSize: LARGEST_PAGE });
  const row = required(await findApplication(engine.read, scope.instanceId, id), scope);
  if (row.registered === 0) return { page: wanted, total: 0, devices: [] };
  const devices = await listAppliedDevices(engine.read, row, { offset: wanted.offset, limit: wanted.size });
  return {
    page: wanted,
    total: row.registered,
    devices: devices.map((device) => ({ ...device, secret: vault.open(device.secret) })),
  };
}
