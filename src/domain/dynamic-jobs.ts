import type { Db, Tx } from '../store/engine.ts';
import { conflictRulesOfGroup, hasRunningDynamicJob } from '../store/queries/dynamic-jobs.ts';
import { lockGroup } from '../store/queries/groups.ts';
import { insertJob } from '../store/queries/jobs.ts';
import { deliveryOf } from './delivery-protocol.ts';
import type { Scope } from './deps.ts';
import { emitJobStatus } from './events.ts';
import { fail } from './failure.ts';
import { checkGroupId, DYNAMIC } from './groups.ts';
import { checkRolloutSettings, type RolloutSettings } from './job-settings.ts';
import { beginTasks, type Created, checkRollout, type JobDeps, jobRow, lockPackage, type NewJob } from './jobs.ts';
import { firstLook } from './rollout/strategies.ts';
import { checkSrcVersions } from './selection.ts';

const illegal = (parameter: string) => fail('common.invalidParameter', { Parameter: parameter });

/** Whom a dynamic job is for, as a client says it (openapi-ota 4.10). */
export interface DynamicSelection {
  readonly srcVersions: readonly string[] | undefined;
  readonly groupId: string | undefined;
  readonly groupType: string | undefined;
  /** 1 (default): devices that match now and later. 2: only those that report a new version. */
  readonly mode: number | undefined;
}

interface CheckedSelection {
  readonly srcVersions: readonly string[];
  readonly groupId: string | null;
  readonly mode: number;
}

/** Versions or a group, never both. @throws common.invalidParameter, group.nullId, group.notFound */
export function checkDynamicSelection({
  srcVersions,
  groupId,
  groupType,
  mode = 1,
}: DynamicSelection): CheckedSelection {
  if (mode !== 1 && mode !== 2) illegal('DynamicMode');
  if (srcVersions && srcVersions.length > 0) {
    if (groupId || groupType !== undefined) illegal('SrcVersion');
    return { srcVersions: checkSrcVersions(srcVersions), groupId: null, mode };
  }
  if (groupId === undefined && groupType === undefined) illegal('SrcVersion');
  if (groupType !== DYNAMIC) illegal('GroupType');
  return { srcVersions: [], groupId: checkGroupId(groupId), mode };
}

/**
 * Rolls a package out to the devices that match now and to those that come to match, until it is canceled.
 * @throws the errors of CreateOTADynamicUpgradeJob
 */
export async function createDynamicJob(
  deps: JobDeps,
  scope: Scope,
  input: NewJob & { readonly selection: DynamicSelection; readonly settings: RolloutSettings },
): Promise<Created> {
  const { engine, clock, ids, limits } = deps;
  const now = clock.now();
  checkRolloutSettings(input.settings, now);
  const { srcVersions, groupId, mode } = checkDynamicSelection(input.selection);
  const id = ids.id();
  await engine.transaction(async (tx) => {
    const firmware = await lockPackage(tx, scope, input);
    checkRollout(firmware, srcVersions);
    // the package is held: nobody makes another one meanwhile
    await refuseSecond(tx.db, firmware.id);
    const delivery = await deliveryOf(tx, limits, firmware.id, input.settings);
    const row = {
      ...jobRow(scope, firmware, input.settings, delivery, id, now),
      type: 'UPGRADE_FIRMWARE',
      selection: 'DYNAMIC',
      // as it is told (openapi-ota 4.12)
      target: 'ALL',
      src_versions: JSON.stringify(srcVersions),
      group_id: groupId,
      dynamic_mode: mode,
    } as const;
    if (groupId !== null) await joinGroup(tx, scope, groupId, row);
    const job = { ...row, ...firstLook(row, now) };
    await insertJob(tx, job, []);
    tx.made(id);
    await emitJobStatus(tx, deps, job, job.status);
    tx.nudge({ kind: 'job', jobId: id });
  });
  if (mode === 1) await beginTasks(deps, id);
  return { id, createdAt: now };
}

/** @throws ota.dynamicJobRunning for a package that has one already */
export async function refuseSecond(db: Db, firmwareId: string): Promise<void> {
  if (await hasRunningDynamicJob(db, firmwareId)) fail('ota.dynamicJobRunning');
}

/**
 * Holds a group, whose dynamic jobs must treat busy devices alike (openapi-ota 6.4).
 * @throws group.notFound, common.invalidParameter
 */
async function joinGroup(
  tx: Tx,
  scope: Scope,
  groupId: string,
  job: { readonly overwrite_mode: number; readonly multi_module: number },
): Promise<void> {
  if ((await lockGroup(tx, scope.instanceId, groupId))?.type !== DYNAMIC) fail('group.notFound');
  await checkConflictRules(tx.db, groupId, job);
}

/** @throws common.invalidParameter when the running jobs of a group treat busy devices in another way */
export async function checkConflictRules(
  db: Db,
  groupId: string,
  job: { readonly overwrite_mode: number; readonly multi_module: number },
): Promise<void> {
  const rules = await conflictRulesOfGroup(db, groupId);
  if (rules && rules.multi_module !== job.multi_module) illegal('MultiModuleMode');
  if (rules && rules.overwrite_mode !== job.overwrite_mode) illegal('OverwriteMode');
}
