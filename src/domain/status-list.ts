import { type DeviceStatus, deviceStatusText } from '../contract/device-status.ts';
import type { StatusReason } from '../contract/status-reasons.ts';
import { type DeviceHistoryRow, historyFrom } from '../store/queries/device-history.ts';
import type { Deps, Scope } from './deps.ts';
import { type DeviceSelector, requireDevice } from './devices.ts';
import type { Page } from './paging.ts';
import { KEPT_CHANGES, KEPT_MS } from './status-history.ts';

export interface StatusChange {
  readonly at: number;
  readonly status: DeviceStatus;
  /** Milliseconds until the next change; undefined while it lasts. */
  readonly lastedMs: number | undefined;
  readonly reason: StatusReason | undefined;
  /** Of the client; empty for what is no connection. */
  readonly address: string;
  /** That had the connection; empty for what is none. */
  readonly nodeId: string;
}

/**
 * A page of what the status of a device became, newest first: of its last 50 changes those of the last 30 days.
 * @param span milliseconds: the first instant that counts, and the first that does not any more
 * @throws product.*, device.nullName, device.malformedName, device.notFound, device.invalidIotId
 */
export async function pageOfStatuses(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  selector: DeviceSelector,
  span: { readonly from?: number | undefined; readonly to?: number | undefined },
  { offset, size }: Page,
): Promise<{ readonly changes: StatusChange[]; readonly total: number }> {
  const device = await requireDevice(engine.read, scope, selector);
  const newest = device.history_at;
  const rows =
    newest === null ? [] : await historyFrom(engine.read, { at: newest, device_id: device.id }, KEPT_CHANGES);
  const from = Math.max(span.from ?? 0, clock.now() - KEPT_MS);
  const { to = Number.POSITIVE_INFINITY } = span;
  const changes = rows.map((row, index) => toChange(row, rows[index - 1])).filter(({ at }) => at >= from && at < to);
  return { changes: changes.slice(offset, offset + size), total: changes.length };
}

const toChange = (row: DeviceHistoryRow, next: DeviceHistoryRow | undefined): StatusChange => ({
  at: row.at,
  status: deviceStatusText(row.status),
  // the clocks of two nodes may differ
  lastedMs: next && Math.max(0, next.at - row.at),
  reason: row.reason ?? undefined,
  address: row.address ?? '',
  nodeId: row.node_id ?? '',
});
