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
} from '../store/queries/firmware.ts';
import { findLastVerifyJob, hasUnfinishedJob } from '../store/queries/jobs.ts';
import { findProduct, lockInstance } from '../store/queries/products.ts';
import { countTasks } from '../store/queries/tasks.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { characters, isCarriable, isVersion } from './names.ts';
import type { Page } from './paging.ts';
import { isUnfinished } from './task-state.ts';
import { findUploadByUrl, releaseUploads, useUploads } from './uploads.ts';

/** Package states (openapi-ota 5.1). */
export const packageStatus = { exempt: -1, unverified: 0, verified: 1, verifying: 2, failed: 3 } as const;

export interface NewFirmware {
  readonly name: string;
  readonly destVersion: string;
  readonly productKey?: string | undefined;
  readonly url?: string | undefined;
  readonly sign?: string | undefined;
  readonly size?: number | undefined;
  readonly signMethod?: string | undefined;
  readonly type?: number | undefined;
  readonly srcVersion?: string | undefined;
  readonly module?: string | undefined;
  readonly description?: string | undefined;
  readonly needToVerify?: boolean | undefined;
  readonly udi?: string | undefined;
}

// first character Chinese, Japanese, letter or digit (openapi-ota 3.1)
const NAME =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}A-Za-z0-9][\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々A-Za-z0-9\-_()]*$/u;

/** The rules that need no database. */
function checkNewFirmware(input: NewFirmware) {
  if (!NAME.test(input.name) || characters(input.name) > 40) fail('firmware.malformedName');
  if (!isVersion(input.destVersion)) fail('common.invalidParameter', { Parameter: 'DestVersion' });
  if (input.srcVersion && !isVersion(input.srcVersion)) fail('common.invalidParameter', { Parameter: 'SrcVersion' });
  if (!isCarriable(input.description ?? '')) fail('common.invalidParameter', { Parameter: 'FirmwareDesc' });
  if (!isCarriable(input.udi ?? '')) fail('common.invalidParameter', { Parameter: 'Udi' });
  if (characters(input.description ?? '') > 100) fail('firmware.longDescription');
  if (characters(input.udi ?? '') > 4096) fail('firmware.longUdi');
  const type = input.type ?? 0;
  if (type !== 0 && type !== 1) fail('firmware.invalidType');
  if (type === 1 && !input.srcVersion) fail('firmware.srcVersionMissing');
  if (type === 1 && input.srcVersion === input.destVersion) fail('firmware.sameVersions');
  const signMethod = input.signMethod || 'MD5';
  if (signMethod !== 'MD5' && signMethod !== 'SHA256') fail('firmware.invalidSignMethod');
  if (input.module && input.module !== 'default') {
    fail('system.notSupportedYet', { Detail: 'Modules other than default come with a later release.' });
  }
  return { type, signMethod } as const;
}

/**
 * Registers an uploaded file as a package.
 * @throws the errors of CreateOTAFirmware
 */
export async function createFirmware(
  { engine, clock, ids, limits, publicUrl }: Pick<Deps, 'engine' | 'clock' | 'ids' | 'limits' | 'publicUrl'>,
  scope: Scope,
  input: NewFirmware,
): Promise<{ readonly id: string; readonly createdAt: number }> {
  const { type, signMethod } = checkNewFirmware(input);
  if (!input.url) fail('firmware.nullUrl');
  if (!URL.canParse(input.url)) fail('firmware.malformedUrl');
  const { url } = input;
  return engine.transaction(async (tx) => {
    if (input.productKey && !(await findProduct(tx.db, scope.instanceId, input.productKey))) fail('product.notFound');
    const upload = await findUploadByUrl(tx, scope, publicUrl, url);
    if (upload?.kind !== 'firmware') fail('firmware.unknownUrl');
    if (upload.size === null || upload.md5 === null || upload.sha256 === null) fail('firmware.unknownUrl');
    if (upload.size === 0) fail('firmware.emptyFile');
    if (input.size !== undefined && input.size !== upload.size) fail('firmware.sizeMismatch');
    const sign = signMethod === 'MD5' ? upload.md5 : upload.sha256;
    if (input.sign && input.sign.toLowerCase() !== sign) fail('firmware.signMismatch');
    // two that come at once must not both be the last one
    await lockInstance(tx, scope.instanceId);
    if ((await countFirmware(tx.db, scope.instanceId)) >= limits.packages) fail('firmware.countExceeded');
    const now = clock.now();
    const id = ids.id();
    try {
      await insertFirmware(
        tx,
        {
          id,
          instance_id: scope.instanceId,
          product_key: input.productKey || null,
          name: input.name,
          description: input.description ?? '',
          module: 'default',
          type,
          src_version: input.srcVersion ?? '',
          dest_version: input.destVersion,
          sign_method: signMethod,
          status: input.needToVerify === false ? packageStatus.exempt : packageStatus.unverified,
          udi: input.udi ?? '',
          created_at: now,
          modified_at: now,
        },
        [{ firmware_id: id, position: 0, name: '', upload_key: upload.key, size: upload.size, md5: upload.md5, sign }],
      );
    } catch (error) {
      if (engine.isUniqueViolation(error)) fail('firmware.nameTaken');
      throw error;
    }
    await useUploads(tx, [upload.key]);
    return { id, createdAt: now };
  });
}

/** @throws ota.firmwareNotFound */
export async function queryFirmware({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string) {
  const firmware = (await findFirmware(engine.read, scope.instanceId, id)) ?? fail('ota.firmwareNotFound');
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
  if (filter.productKey && !(await findProduct(db, scope.instanceId, filter.productKey))) fail('product.notFound');
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
    if (!(await lockFirmware(tx, scope.instanceId, id))) fail('ota.firmwareNotFound');
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
