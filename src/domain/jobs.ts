import type { Insertable } from 'kysely';
import type { Db, Tx } from '../store/engine.ts';
import { findDevicesByName } from '../store/queries/devices.ts';
import { type FirmwareRow, findFirmware, lockFirmware, setFirmwareStatus } from '../store/queries/firmware.ts';
import { findGroup } from '../store/queries/groups.ts';
import {
  candidatesByName,
  candidatesByTarget,
  countJobs,
  countJobsOfDevice,
  findJob,
  findJobs,
  insertJob,
  pageOfJobs,
  pageOfJobsOfDevice,
} from '../store/queries/jobs.ts';
import { findProduct } from '../store/queries/products.ts';
import type { JobTable } from '../store/schema.ts';
import { type Delivery, deliveryOf } from './delivery-protocol.ts';
import type { Deps, Scope } from './deps.ts';
import { getDevice } from './devices.ts';
import { emitJobStatus } from './events.ts';
import { fail } from './failure.ts';
import { packageStatus } from './firmware.ts';
import { checkJobSettings, checkRolloutSettings, type JobSettings, type RolloutSettings } from './job-settings.ts';
import { checkNameList, claimNameList } from './name-lists.ts';
import { isOpaqueId, isProductKey } from './names.ts';
import type { Page } from './paging.ts';
import { listCursor } from './rollout/candidates.ts';
import { materialiseChunk } from './rollout/materialise.ts';
import { accepts } from './rollout/plan.ts';
import { type CheckedSelection, checkSelection, checkTargetNames, type Selection } from './selection.ts';

export type JobDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits' | 'publicUrl' | 'blobs'>;

export interface NewJob {
  readonly firmwareId: string;
  readonly productKey: string;
}

export interface Created {
  readonly id: string;
  readonly createdAt: number;
}

/**
 * The package that a job is to be made of, and its product.
 * @param find how the package is read
 * @throws product.notFound, ota.firmwareNotFound, ota.firmwareProductMismatch
 */
export async function packageOf(
  db: Db,
  scope: Scope,
  { firmwareId, productKey }: NewJob,
  find: () => Promise<FirmwareRow | undefined>,
) {
  // what can be neither is as unknown as any other
  const product = isProductKey(productKey) ? await findProduct(db, scope.instanceId, productKey) : undefined;
  if (!product) fail('product.notFound');
  const firmware = (isOpaqueId(firmwareId) ? await find() : undefined) ?? fail('ota.firmwareNotFound');
  if (firmware.product_key !== productKey) fail('ota.firmwareProductMismatch');
  return { product, firmware };
}

/** @throws as packageOf */
export async function lockPackage(tx: Tx, scope: Scope, job: NewJob): Promise<FirmwareRow> {
  const find = () => lockFirmware(tx, scope.instanceId, job.firmwareId);
  return (await packageOf(tx.db, scope, job, find)).firmware;
}

/** @throws device.notFound when a name is no device of the product */
async function requireDevices(tx: Tx, scope: Scope, productKey: string, names: readonly string[]): Promise<void> {
  const found = await findDevicesByName(tx.db, scope.instanceId, productKey, names);
  if (found.length < names.length) fail('device.notFound');
}

/** The columns that a job of any kind begins with. */
export function jobRow(
  scope: Scope,
  firmware: FirmwareRow,
  settings: RolloutSettings,
  delivery: Delivery,
  id: string,
  now: number,
) {
  const scheduled = settings.scheduleAt;
  return {
    id,
    instance_id: scope.instanceId,
    firmware_id: firmware.id,
    product_key: firmware.product_key as string,
    selection: 'STATIC' as const,
    status: scheduled === undefined ? ('IN_PROGRESS' as const) : ('PLANNED' as const),
    firmware_name: firmware.name,
    module: firmware.module,
    src_version: firmware.src_version,
    dest_version: firmware.dest_version,
    is_diff: firmware.type === 1 ? 1 : 0,
    retry_interval: settings.retryInterval ?? null,
    retry_count: settings.retryCount ?? null,
    timeout_minutes: settings.timeoutMinutes ?? null,
    maximum_per_minute: settings.maximumPerMinute ?? 10_000,
    overwrite_mode: settings.overwriteMode ?? 1,
    need_push: settings.needPush === false ? 0 : 1,
    need_confirm: settings.needConfirm ? 1 : 0,
    multi_module: settings.multiModule ? 1 : 0,
    ...delivery,
    group_id: null,
    gray_percent: null,
    dynamic_mode: null,
    tags: JSON.stringify(settings.tags ?? []),
    created_at: now,
    modified_at: now,
    schedule_at: scheduled ?? null,
    schedule_finish_at: settings.scheduleFinishAt ?? null,
    started_at: scheduled === undefined ? now : null,
    ended_at: null,
    task_total: 0,
    cursor: '',
    list_key: null,
    unknown_names: 0,
    due_at: now,
    push_log: '[]',
  } satisfies Partial<Insertable<JobTable>>;
}

/**
 * Verifies a package on named test devices.
 * @throws the errors of CreateOTAVerifyJob
 */
export async function createVerifyJob(
  deps: JobDeps,
  scope: Scope,
  input: NewJob & { readonly deviceNames: readonly string[]; readonly settings: JobSettings },
): Promise<Created> {
  const { engine, clock, ids, limits } = deps;
  checkJobSettings(input.settings);
  const names = checkTargetNames(input.deviceNames, limits.verifyTargets);
  const now = clock.now();
  const id = ids.id();
  await engine.transaction(async (tx) => {
    const firmware = await lockPackage(tx, scope, input);
    // refused while it runs or after it succeeded; a failed verification may be repeated (openapi-ota 4.8). A package
    // that needs none is refused too: there would be nothing for its status to become
    if (firmware.status !== packageStatus.unverified && firmware.status !== packageStatus.failed) {
      fail('system.illegalRequest');
    }
    await requireDevices(tx, scope, input.productKey, names);
    const delivery = await deliveryOf(tx, limits, firmware.id, input.settings);
    const job = {
      ...jobRow(scope, firmware, input.settings, delivery, id, now),
      type: 'VERIFY_FIRMWARE',
      target: 'SPECIFIC',
      src_versions: '[]',
    } as const;
    await insertJob(tx, job, names);
    tx.made(id);
    const candidates = await candidatesByTarget(tx.db, {
      jobId: id,
      productKey: input.productKey,
      module: job.module,
      from: 0,
      to: names.length,
    });
    // every test device is skipped: without a task there would never be a verdict
    if (!candidates.some((candidate) => accepts(job, candidate.version))) fail('ota.noDeviceToUpgrade');
    await setFirmwareStatus(tx, firmware.id, packageStatus.verifying, now);
    await emitJobStatus(tx, deps, job, job.status);
    tx.nudge({ kind: 'job', jobId: id });
  });
  await beginTasks(deps, id);
  return { id, createdAt: now };
}

/**
 * Rolls a package out to devices that are chosen now.
 * @throws the errors of CreateOTAStaticUpgradeJob
 */
export async function createStaticJob(
  deps: JobDeps,
  scope: Scope,
  input: NewJob & { readonly selection: Selection; readonly settings: RolloutSettings },
): Promise<Created> {
  const { engine, clock, ids, limits } = deps;
  const now = clock.now();
  checkRolloutSettings(input.settings, now);
  const selection = checkSelection(input.selection, limits);
  const { productKey } = input;
  const list = selection.listFileUrl === null ? undefined : await checkNameList(deps, scope, selection.listFileUrl);
  const id = ids.id();
  await engine.transaction(async (tx) => {
    const firmware = await lockPackage(tx, scope, input);
    checkRollout(firmware, selection.srcVersions);
    await checkSelected(tx, scope, firmware, selection);
    if (list) await claimNameList(tx, deps, scope, productKey, list);
    const delivery = await deliveryOf(tx, limits, firmware.id, input.settings);
    const job = {
      ...jobRow(scope, firmware, input.settings, delivery, id, now),
      type: 'UPGRADE_FIRMWARE',
      target: selection.target,
      src_versions: JSON.stringify(selection.srcVersions),
      gray_percent: selection.grayPercent,
      group_id: selection.groupId,
      ...(list ? { list_key: list.key, cursor: listCursor(0, list.ascends) } : {}),
    } as const;
    await insertJob(tx, job, selection.deviceNames);
    tx.made(id);
    await emitJobStatus(tx, deps, job, job.status);
    tx.nudge({ kind: 'job', jobId: id });
  });
  await beginTasks(deps, id);
  return { id, createdAt: now };
}

/** The rules that need the package or a look at what is chosen. */
async function checkSelected(tx: Tx, scope: Scope, firmware: FirmwareRow, selection: CheckedSelection): Promise<void> {
  const { deviceNames, groupId } = selection;
  const productKey = firmware.product_key as string;
  const isDiff = firmware.type === 1;
  if (groupId !== null && (await findGroup(tx.db, scope.instanceId, groupId))?.type !== 'LINK_PLATFORM') {
    fail('group.notFound');
  }
  await requireDevices(tx, scope, productKey, deviceNames);
  if (!isDiff) return;
  const devices = await candidatesByName(tx.db, { productKey, module: firmware.module, names: deviceNames });
  if (devices.some((device) => device.version !== firmware.src_version)) {
    fail('common.invalidParameter', { Parameter: 'TargetDeviceName' });
  }
}

/**
 * The rules for rolling a package out that speak of the package (openapi-ota 4.9, 6.1).
 * @throws ota.firmwareNotVerified, common.invalidParameter
 */
export function checkRollout(firmware: FirmwareRow, srcVersions: readonly string[]): void {
  if (firmware.status !== packageStatus.verified && firmware.status !== packageStatus.exempt) {
    fail('ota.firmwareNotVerified');
  }
  // a differential package fits one version only
  if (firmware.type === 1 && srcVersions.some((version) => version !== firmware.src_version)) {
    fail('common.invalidParameter', { Parameter: 'SrcVersion' });
  }
}

/** Makes the first tasks, so that a small job has all of them when the call returns; a scheduler makes the others. */
export async function beginTasks(deps: JobDeps, jobId: string): Promise<void> {
  try {
    const isMore = await materialiseChunk(deps, jobId);
    // of GRAY that step has counted
    if (isMore && (await findJobs(deps.engine.read, [jobId])).get(jobId)?.task_total === 0) {
      await materialiseChunk(deps, jobId);
    }
  } catch {
    // the job exists by now, whatever happens here: the scheduler meets the same fault, says so and tries again
  }
}

/** @throws ota.jobNotFound */
export async function queryJob({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string) {
  return (await findJob(engine.read, scope.instanceId, id)) ?? fail('ota.jobNotFound');
}

/** A page of the jobs of a package, newest first. @throws ota.firmwareNotFound */
export async function listJobsOfFirmware(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  firmwareId: string,
  page: Page,
) {
  if (!(await findFirmware(engine.read, scope.instanceId, firmwareId))) fail('ota.firmwareNotFound');
  return {
    rows: await pageOfJobs(engine.read, scope.instanceId, firmwareId, page.offset, page.size),
    total: await countJobs(engine.read, scope.instanceId, firmwareId),
  };
}

/**
 * A page of the jobs of a package that have a task of a device, newest first.
 * @throws ota.firmwareNotFound, ota.firmwareProductMismatch, product.*, device.nullName, device.malformedName,
 * device.notFound
 */
export async function listJobsOfDevice(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: NewJob & { readonly deviceName: string },
  page: Page,
) {
  const db = engine.read;
  const { firmwareId, productKey, deviceName } = input;
  const device = await getDevice({ engine }, scope, { productKey, name: deviceName });
  const firmware = (await findFirmware(db, scope.instanceId, firmwareId)) ?? fail('ota.firmwareNotFound');
  if (firmware.product_key !== productKey) fail('ota.firmwareProductMismatch');
  return {
    rows: await pageOfJobsOfDevice(db, scope.instanceId, firmwareId, device, page.offset, page.size),
    total: await countJobsOfDevice(db, scope.instanceId, firmwareId, device),
  };
}
