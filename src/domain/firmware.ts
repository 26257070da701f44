import {
  countFilteredFirmware,
  countFirmware,
  deleteFirmware,
  type FirmwareFileRow,
  filesOfFirmware,
  findFirmware,
  insertFirmware,
  lockFirmware,
  pageOfFirmware,
  updateFirmware,
} from '../store/queries/firmware.ts';
import { findLastVerifyJob, hasUnfinishedJob } from '../store/queries/jobs.ts';
import { findProduct, lockInstance, lockProduct } from '../store/queries/products.ts';
import { countTasks } from '../store/queries/tasks.ts';
import { DEFAULT_MODULE } from '../wire/device-messages.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { requireModule } from './modules.ts';
import { characters, isCarriable, isModuleName, isOpaqueId, isPackageName, isProductKey, isVersion } from './names.ts';
import { checkFiles, claimFiles, type NewFile } from './package-files.ts';
import type { Page } from './paging.ts';
import { isUnfinished } from './task-state.ts';
import { releaseUploads } from './uploads.ts';

/** Package states (openapi-ota 5.1). */
export const packageStatus = { exempt: -1, unverified: 0, verified: 1, verifying: 2, failed: 3 } as const;

export interface NewFirmware {
  readonly name: string;
  readonly destVersion: string;
  readonly productKey?: string | undefined;
  /** Address of the only file, and what the client says of it. */
  readonly url?: string | undefined;
  readonly sign?: string | undefined;
  readonly size?: number | undefined;
  /** In place of these: the files of a package of several. */
  readonly files?: readonly NewFile[] | undefined;
  readonly signMethod?: string | undefined;
  readonly type?: number | undefined;
  readonly srcVersion?: string | undefined;
  readonly module?: string | undefined;
  readonly description?: string | undefined;
  readonly needToVerify?: boolean | undefined;
  readonly udi?: string | undefined;
}

/** An id that no package could have is as unknown as any other. @throws ota.firmwareNotFound */
function checkId(id: string): string {
  if (!isOpaqueId(id)) fail('ota.firmwareNotFound');
  return id;
}

/** The texts that may also be changed later. @throws as ModifyOTAFirmware */
function checkTexts(input: {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly udi?: string | undefined;
}) {
  const { name, description = '', udi = '' } = input;
  if (name !== undefined && !isPackageName(name)) fail('firmware.malformedName');
  if (!isCarriable(description)) fail('common.invalidParameter', { Parameter: 'FirmwareDesc' });
  if (!isCarriable(udi)) fail('common.invalidParameter', { Parameter: 'Udi' });
  if (characters(description) > 100) fail('firmware.longDescription');
  if (characters(udi) > 4096) fail('firmware.longUdi');
}

/** The rules that need no database. */
function checkNewFirmware(input: NewFirmware) {
  checkTexts(input);
  if (!isVersion(input.destVersion)) fail('common.invalidParameter', { Parameter: 'DestVersion' });
  if (input.srcVersion && !isVersion(input.srcVersion)) fail('common.invalidParameter', { Parameter: 'SrcVersion' });
  const type = input.type ?? 0;
  if (type !== 0 && type !== 1) fail('firmware.invalidType');
  if (type === 1 && !input.srcVersion) fail('firmware.srcVersionMissing');
  if (type === 1 && input.srcVersion === input.destVersion) fail('firmware.sameVersions');
  const signMethod = input.signMethod || 'MD5';
  if (signMethod !== 'MD5' && signMethod !== 'SHA256') fail('firmware.invalidSignMethod');
  const module = input.module || DEFAULT_MODULE;
  if (!isModuleName(module)) fail('ota.malformedModuleName');
  return { type, signMethod, module, files: checkFiles(input) } as const;
}

/**
 * Registers one uploaded file, or several, as a package.
 * @throws the errors of CreateOTAFirmware
 */
export async function createFirmware(
  { engine, clock, ids, limits, publicUrl }: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits' | 'publicUrl'>,
  scope: Scope,
  input: NewFirmware,
): Promise<{ readonly id: string; readonly createdAt: number }> {
  const { type, signMethod, module, files } = checkNewFirmware(input);
  const productKey = input.productKey || null;
  return engine.transaction(async (tx) => {
    // held, so that it is not deleted without this package
    if (productKey !== null && !(isProductKey(productKey) && (await lockProduct(tx, scope.instanceId, productKey)))) {
      fail('product.notFound');
    }
    if (module !== DEFAULT_MODULE) {
      // a module is one of a product
      if (productKey === null) fail('module.notFound');
      await requireModule(tx, { productKey, name: module });
    }
    const claimed = await claimFiles(tx, { publicUrl }, scope, signMethod, files);
    // two that come at once must not both be the last one
    await lockInstance(tx, scope.instanceId);
    if ((await countFirmware(tx.db, scope.instanceId)) >= limits.packages) fail('firmware.countExceeded');
    const now = clock.now();
    const id = ids.id();
    const fileRows = claimed.map((file) => ({ firmware_id: id, ...file }));
    const row = {
      id,
      instance_id: scope.instanceId,
      product_key: productKey,
      name: input.name,
      description: input.description ?? '',
      module,
      type,
      src_version: input.srcVersion ?? '',
      dest_version: input.destVersion,
      sign_method: signMethod,
      status: input.needToVerify === false ? packageStatus.exempt : packageStatus.unverified,
      udi: input.udi ?? '',
      created_at: now,
      modified_at: now,
    };
    await uniquelyNamed({ engine }, () => insertFirmware(tx, row, fileRows));
    tx.made(id);
    return { id, createdAt: now };
  });
}

/** @throws firmware.nameTaken */
async function uniquelyNamed({ engine }: Pick<Deps, 'engine'>, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (engine.isUniqueViolation(error)) fail('firmware.nameTaken');
    throw error;
  }
}

/**
 * Changes name, description and custom information; what is left out stays (openapi-ota 4.4). Devices that are told
 * from now on get the new custom information, also within a running job.
 * @throws the errors of ModifyOTAFirmware
 */
export async function modifyFirmware(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  scope: Scope,
  input: {
    readonly id: string;
    readonly productKey: string;
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly udi?: string | undefined;
  },
): Promise<void> {
  checkTexts(input);
  await engine.transaction(async (tx) => {
    const row = (await lockFirmware(tx, scope.instanceId, checkId(input.id))) ?? fail('ota.firmwareNotFound');
    if (row.product_key !== input.productKey) fail('ota.firmwareProductMismatch');
    const { name = row.name, description = row.description, udi = row.udi } = input;
    const changes = { name, description, udi, modified_at: clock.now() };
    await uniquelyNamed({ engine }, () => updateFirmware(tx, row.id, changes));
  });
}

/** @throws ota.firmwareNotFound */
export async function queryFirmware({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string) {
  const firmware = (await findFirmware(engine.read, scope.instanceId, checkId(id))) ?? fail('ota.firmwareNotFound');
  const files = await filesOfFirmware(engine.read, [id]);
  return { firmware, files, verifyProgress: await verifyProgress({ engine }, firmware) };
}

/** Per cent of the test devices that are done: 0 before a verification, 100 after it (openapi-ota 4.7). */
async function verifyProgress(
  { engine }: Pick<Deps, 'engine'>,
  firmware: { id: string; status: number },
): Promise<number> {
  if (firmware.status === packageStatus.verified || firmware.status === packageStatus.failed) return 100;
  if (firmware.status !== packageStatus.verifying) return 0;
  const job = await findLastVerifyJob(engine.read, firmware.id);
  if (!job || job.task_total === 0) return 0;
  let done = 0;
  for (const [status, count] of await countTasks(engine.read, job.id)) if (!isUnfinished(status)) done += count;
  return Math.floor((done * 100) / job.task_total);
}

/** A page of packages, newest first, each with its files. @throws product.notFound */
export async function listFirmware(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  filter: { readonly productKey?: string | undefined; readonly destVersion?: string | undefined },
  page: Page,
) {
  const db = engine.read;
  const { productKey } = filter;
  if (productKey && !(isProductKey(productKey) && (await findProduct(db, scope.instanceId, productKey)))) {
    fail('product.notFound');
  }
  // a version that no package could have finds none
  if (filter.destVersion && !isVersion(filter.destVersion)) return { rows: [], total: 0 };
  const [rows, total] = [
    await pageOfFirmware(db, scope.instanceId, filter, page.offset, page.size),
    await countFilteredFirmware(db, scope.instanceId, filter),
  ];
  const files = new Map<string, FirmwareFileRow[]>();
  for (const file of await filesOfFirmware(
    db,
    rows.map((row) => row.id),
  )) {
    files.set(file.firmware_id, [...(files.get(file.firmware_id) ?? []), file]);
  }
  return { rows: rows.map((firmware) => ({ firmware, files: files.get(firmware.id) ?? [] })), total };
}

/**
 * Deletes a package. Its bytes stay as long as a device may hold a URL to them and are then swept.
 * A package whose job still runs is refused: its devices could no longer be told where to find it.
 * @throws ota.firmwareNotFound, firmware.inUse
 */
export async function removeFirmware(
  { engine, clock, limits }: Pick<Deps, 'engine' | 'clock' | 'limits'>,
  scope: Scope,
  id: string,
): Promise<void> {
  await engine.transaction(async (tx) => {
    if (!(await lockFirmware(tx, scope.instanceId, checkId(id)))) fail('ota.firmwareNotFound');
    if (await hasUnfinishedJob(tx.db, id)) fail('firmware.inUse');
    const files = await filesOfFirmware(tx.db, [id]);
    await deleteFirmware(tx, id);
    await releaseUploads(
      { clock, limits },
      tx,
      files.map((file) => file.upload_key),
    );
  });
}
