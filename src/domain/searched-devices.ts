import { countSearched, idsFound } from '../store/queries/device-search.ts';
import { findDevices } from '../store/queries/devices.ts';
import { heldByDevices } from '../store/queries/searched-devices.ts';
import type { Pair } from '../wire/device-search.ts';
import type { Selectable } from '../wire/device-search-parser.ts';
import { parseDeviceStatement } from '../wire/device-statement.ts';
import type { Deps, Scope } from './deps.ts';
import { type Device, toDevice } from './devices.ts';
import { fail } from './failure.ts';
import { checkCarriable, searchRefusals } from './group-rules.ts';

/** Devices that one search may look at. */
const MOST_LOOKED_AT = 1_000_000;

export interface DeviceFound extends Device {
  /** Ids of the static groups that it is directly in. */
  readonly groups: readonly string[];
  readonly tags: readonly Pair[];
  readonly modules: readonly Pair[];
}

export type Found =
  | { readonly kind: 'count'; readonly total: number }
  | {
      readonly kind: 'devices';
      readonly fields: ReadonlySet<Selectable>;
      readonly devices: readonly DeviceFound[];
    };

/**
 * What a statement of the device search finds in an instance. Which devices these are, and how many, is remembered for a
 * while where that took long to find out; what is told of them is always new.
 * @param most devices that may be looked at
 * @throws search.*
 */
export async function searchDevices(
  { engine, figures, limits }: Pick<Deps, 'engine' | 'figures' | 'limits'>,
  { instanceId }: Scope,
  sql: string,
  most = MOST_LOOKED_AT,
): Promise<Found> {
  checkCarriable(sql);
  const parsed = parseDeviceStatement(sql, limits);
  if (!parsed.ok) return fail(searchRefusals[parsed.problem], { Detail: parsed.detail });
  const { select, search, ...wanted } = parsed.statement;
  const db = engine.read;
  const remembered = async <T>(find: () => Promise<T | undefined>): Promise<T> =>
    (await figures.remember(`search ${instanceId} ${sql}`, find)) ?? tooMany(most);
  if (select === 'count')
    return { kind: 'count', total: await remembered(() => countSearched(db, instanceId, search, { most })) };
  const ids = await remembered(() => idsFound(db, instanceId, search, wanted, { most }));
  const rows = new Map((await findDevices(db, instanceId, ids)).map((row) => [row.id, row]));
  const held = await heldByDevices(db, wantsHeld(select) ? ids : []);
  const devices = ids.flatMap((id) => {
    const row = rows.get(id);
    if (!row) return [];
    const { groups, tags, modules } = held;
    const holds = { groups: groups.get(id) ?? [], tags: tags.get(id) ?? [], modules: modules.get(id) ?? [] };
    return [{ ...toDevice(row), ...holds }];
  });
  return { kind: 'devices', fields: select, devices };
}

const tooMany = (most: number): never =>
  fail('search.condition', {
    Detail: `more than ${most} devices would have to be looked at: name a product and how names begin`,
  });

/** Whether more than the rows of devices has to be read. */
const wantsHeld = (fields: ReadonlySet<Selectable>): boolean => [...fields].some((field) => field.includes('.'));
