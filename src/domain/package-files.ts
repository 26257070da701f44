import type { Tx } from '../store/engine.ts';
import type { FirmwareFileRow } from '../store/queries/firmware.ts';
import type { UploadRow } from '../store/queries/uploads.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isPackageFileName } from './names.ts';
import { findUploadByUrl, useUploads } from './uploads.ts';

/** An uploaded file as a client names it for a package; what is left out is taken from the stored object. */
export interface NewFile {
  /** Empty for the only file of a package that was given by its address alone. */
  readonly name: string;
  readonly url: string;
  /** Bytes. */
  readonly size?: number | undefined;
  /** Hex digest by the package's sign method. */
  readonly sign?: string | undefined;
  /** Hex. */
  readonly md5?: string | undefined;
}

const MOST_FILES = 20;

const illegal = (parameter: string) => fail('common.invalidParameter', { Parameter: parameter });

/**
 * The files that a client means: one by its address, or several by name (openapi-ota 4.3). The rules that need no
 * database. @throws firmware.nullUrl, firmware.malformedUrl, common.invalidParameter
 */
export function checkFiles(input: {
  readonly url?: string | undefined;
  readonly sign?: string | undefined;
  readonly size?: number | undefined;
  readonly files?: readonly NewFile[] | undefined;
}): readonly NewFile[] {
  const { url, sign, size, files } = input;
  if (files === undefined || files.length === 0) {
    if (!url) fail('firmware.nullUrl');
    if (!URL.canParse(url)) fail('firmware.malformedUrl');
    return [{ name: '', url, size, sign }];
  }
  if (url) illegal('FirmwareUrl');
  if (sign) illegal('FirmwareSign');
  if (size !== undefined) illegal('FirmwareSize');
  if (files.length > MOST_FILES) illegal('MultiFiles');
  for (const file of files) {
    if (!isPackageFileName(file.name)) illegal('MultiFiles.Name');
    if (!file.url) fail('firmware.nullUrl');
    if (!URL.canParse(file.url)) fail('firmware.malformedUrl');
  }
  if (new Set(files.map((file) => file.name)).size !== files.length) illegal('MultiFiles.Name');
  return files;
}

/**
 * Makes the uploads behind the addresses the files of a package, in the order given.
 * @throws firmware.unknownUrl, firmware.emptyFile, firmware.sizeMismatch, firmware.signMismatch,
 * common.invalidParameter for an upload that is named twice
 */
export async function claimFiles(
  tx: Tx,
  { publicUrl }: Pick<Deps, 'publicUrl'>,
  scope: Scope,
  signMethod: 'MD5' | 'SHA256',
  files: readonly NewFile[],
): Promise<Omit<FirmwareFileRow, 'firmware_id'>[]> {
  const uploads = new Map<NewFile, UploadRow>();
  // every caller locks uploads in the order of their keys
  for (const file of [...files].sort((a, b) => byText(new URL(a.url).pathname, new URL(b.url).pathname))) {
    uploads.set(file, (await findUploadByUrl(tx, scope, publicUrl, file.url)) ?? fail('firmware.unknownUrl'));
  }
  const rows = files.map((file, position) => ({
    position,
    name: file.name,
    ...content(file, uploads.get(file) as UploadRow, signMethod),
  }));
  const keys = new Set(rows.map((row) => row.upload_key));
  // each file has an upload of its own (openapi-ota 4.3)
  if (keys.size !== rows.length) illegal('MultiFiles.Url');
  await useUploads(tx, [...keys]);
  return rows;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What is stored, held against what the client says of it. */
function content(file: NewFile, upload: UploadRow, signMethod: 'MD5' | 'SHA256') {
  const { key, kind, size, md5, sha256 } = upload;
  if (kind !== 'firmware' || size === null || md5 === null || sha256 === null) fail('firmware.unknownUrl');
  if (size === 0) fail('firmware.emptyFile');
  if (file.size !== undefined && file.size !== size) fail('firmware.sizeMismatch');
  const sign = signMethod === 'MD5' ? md5 : sha256;
  if (file.sign && file.sign.toLowerCase() !== sign) fail('firmware.signMismatch');
  if (file.md5 && file.md5.toLowerCase() !== md5) fail('firmware.signMismatch');
  return { upload_key: key, size, md5, sign };
}
