import type { StatusReason } from '../contract/status-reasons.ts';
import type { Tx } from '../store/engine.ts';
import {
  deleteHistoryFrom,
  deleteOldDeviceHistory,
  deleteSurplusHistory,
  insertDeviceHistory,
} from '../store/queries/device-history.ts';
import type { DeviceStateRow } from '../store/queries/device-states.ts';
import type { DeviceRow } from '../store/queries/devices.ts';
import type { Deps } from './deps.ts';

/** Changes of a device that are shown. Once there are twice as many, the older half goes: one that flaps fills no disk. */
export const KEPT_CHANGES = 50;
const DAY_MS = 24 * 60 * 60_000;
/** For how long they are kept. */
export const KEPT_MS = 30 * DAY_MS;
/** Rows in one transaction. */
const OLD_AT_ONCE = 1_000;
/** Devices in one transaction, of each of which half a hundred rows go. */
const FLAPPING_AT_ONCE = 20;
/** More than a device has if it is swept. */
const MOST = 10_000;

/** What a device has become, and what is known of it. */
export interface NewStatus extends DeviceStateRow {
  readonly reason?: StatusReason | undefined;
  readonly address?: string | undefined;
  readonly nodeId?: string | undefined;
}

/** Adds to the histories of devices. @param changes one of each device, just written to its row by this transaction */
export async function recordStatuses(tx: Tx, changes: readonly NewStatus[]): Promise<void> {
  const rows = changes.map(({ history_at: at, history_count: count, ...change }) => ({
    at: at as number,
    device_id: change.id,
    before_at: change.history_before,
    status: change.status,
    reason: change.reason ?? null,
    address: change.address ?? null,
    node_id: change.nodeId ?? null,
    surplus: count % KEPT_CHANGES === 0 && count > KEPT_CHANGES ? (1 as const) : null,
  }));
  await insertDeviceHistory(tx.db, rows);
}

/** Deletes the history of a device that was deleted. */
export async function forgetStatuses(tx: Tx, { id, history_at: at }: Pick<DeviceRow, 'id' | 'history_at'>) {
  if (at !== null) await deleteHistoryFrom(tx.db, { at, device_id: id }, MOST);
}

/** Deletes what is too old to be shown, or too much. @param renew is called between two steps */
export async function sweepStatuses(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  renew: () => Promise<unknown>,
): Promise<void> {
  const before = clock.now() - KEPT_MS;
  while (await engine.transaction((tx) => deleteOldDeviceHistory(tx.db, before, OLD_AT_ONCE))) await renew();
  while (await engine.transaction((tx) => deleteSurplusHistory(tx, KEPT_CHANGES, FLAPPING_AT_ONCE))) await renew();
}
