import type { Tx } from '../store/engine.ts';
import {
  type ApplicationRow,
  type AppliedName,
  appliedNames,
  dueApplications,
  insertAppliedNames,
  lockApplication,
  setNameError,
  setRemainingErrors,
  takenNames,
  updateApplication,
} from '../store/queries/device-applications.ts';
import { countDeviceIn } from '../store/queries/products.ts';
import { deviceLifecycleEvent } from '../wire/event-messages.ts';
import type { Deps } from './deps.ts';
import { joinErrors, nameErrors } from './device-applications.ts';
import { namedDevice, newDevice } from './devices.ts';
import { emit } from './events.ts';
import { Failure, fail } from './failure.ts';

/** Names looked at, and devices made, in one transaction: other writers wait for no more than that. */
const CHECKED_AT_ONCE = 1_000;
const MADE_AT_ONCE = 500;

type RegistrationDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'>;

/** Applications that a scheduler has to look at now, oldest first. */
export async function applicationsToAdvance(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  limit: number,
): Promise<number[]> {
  return dueApplications(engine.read, clock.now(), limit);
}

/**
 * Takes an application one step further, in one transaction; the caller holds its lease.
 * @returns true when there is more to do at once
 */
export async function advanceApplication(deps: RegistrationDeps, id: number): Promise<boolean> {
  const { engine, clock } = deps;
  try {
    return await engine.transaction(async (tx) => {
      const row = await lockApplication(tx, id);
      if (!row || (row.status !== 'CHECK' && row.status !== 'CREATE')) return false;
      const changes = row.status === 'CHECK' ? await checkSome(tx, row) : await makeSome(deps, tx, row);
      const next = { ...row, ...changes };
      const done = next.cursor >= next.total;
      await updateApplication(tx.db, id, {
        ...changes,
        modified_at: clock.now(),
        ...(done ? { status: `${row.status}_${next.failed > 0 ? 'FAILED' : 'SUCCESS'}`, due_at: null } : {}),
      });
      return !done;
    });
  } catch (error) {
    if (error instanceof Failure && error.key === 'device.countExceeded') return giveUp(deps, id);
    // somebody registered one of the names in this moment; the next attempt finds it taken
    if (engine.isUniqueViolation(error)) return true;
    throw error;
  }
}

/** Ends an application for which the product has no room; the devices that are made stay. */
async function giveUp({ engine, clock }: RegistrationDeps, id: number): Promise<boolean> {
  return engine.transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row?.status !== 'CREATE') return false;
    await setRemainingErrors(tx.db, id, row.cursor, nameErrors.full);
    const failed = row.total - row.registered;
    const now = clock.now();
    await updateApplication(tx.db, id, { status: 'CREATE_FAILED', failed, modified_at: now, due_at: null });
    return false;
  });
}

type Progress = Partial<Pick<ApplicationRow, 'cursor' | 'failed' | 'registered'>>;

/** Notes which of the names are taken. @returns the others that are fit to be registered */
async function sortOut(
  tx: Tx,
  row: ApplicationRow,
  names: readonly AppliedName[],
): Promise<{ fit: AppliedName[]; taken: number }> {
  const taken = await takenNames(
    tx.db,
    row.product_key,
    names.map(({ name }) => name),
  );
  const unfit = names.filter(({ name }) => taken.has(name));
  for (const before of new Set(unfit.map(({ error }) => error))) {
    const positions = unfit.filter(({ error }) => error === before).map(({ position }) => position);
    await setNameError(tx.db, row.id, positions, joinErrors(before, nameErrors.taken) ?? '');
  }
  return {
    fit: names.filter(({ name, error }) => error === null && !taken.has(name)),
    taken: unfit.filter(({ error }) => error === null).length,
  };
}

async function checkSome(tx: Tx, row: ApplicationRow): Promise<Progress> {
  const to = Math.min(row.cursor + CHECKED_AT_ONCE, row.total);
  const names = await appliedNames(tx.db, row.id, { from: row.cursor, to });
  const { taken } = await sortOut(tx, row, names);
  return { cursor: to, failed: row.failed + taken };
}

async function makeSome(deps: RegistrationDeps, tx: Tx, row: ApplicationRow): Promise<Progress> {
  const to = Math.min(row.cursor + MADE_AT_ONCE, row.total);
  const { fit, taken } = row.named
    ? await sortOut(tx, row, await appliedNames(tx.db, row.id, { from: row.cursor, to }))
    : { fit: madeUpNames(deps, row.cursor, to), taken: 0 };
  const scope = { instanceId: row.instance_id };
  const devices = fit.map(({ name, nickname }) =>
    newDevice(deps, scope, { productKey: row.product_key, name, nickname }),
  );
  await tx.bulkInsert('device', devices);
  if (!row.named) await insertAppliedNames(tx, row.id, fit);
  // the count comes last, as when a single device is registered
  const product = { instanceId: row.instance_id, key: row.product_key };
  const fits = await countDeviceIn(tx.db, product, deps.limits.devicesPerProduct, fit.length);
  if (!fits) fail('device.countExceeded');
  await emit(
    tx,
    deps,
    devices.map((device) => deviceLifecycleEvent(namedDevice(device), 'create', device.created_at)),
  );
  return { cursor: to, failed: row.failed + taken, registered: row.registered + fit.length };
}

const madeUpNames = ({ ids }: Pick<Deps, 'ids'>, from: number, to: number): AppliedName[] =>
  Array.from({ length: to - from }, (_, index) => ({
    position: from + index,
    name: ids.text(20),
    nickname: '',
    error: null,
  }));
