import { buffer } from 'node:stream/consumers';
import { nextTurn } from '../lib/next-turn.ts';
import type { Tx } from '../store/engine.ts';
import { findDevicesByName } from '../store/queries/devices.ts';
import {
  findUpload,
  lockUpload,
  markUploadsUsed,
  releaseUnreadList,
  type UploadRow,
} from '../store/queries/uploads.ts';
import { isHeading, type ListedName, NameListReader } from '../wire/name-list.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { isDeviceName } from './names.ts';
import { objectKeyOfUrl, UNUSED_MS } from './uploads.ts';

/** Bytes that are taken apart at once: more than a chunk of names, and some milliseconds. */
const PIECE = 64 * 1024;

/** A device list that a job can be made of. */
export interface NameList {
  readonly key: string;
  /** SHA-256 of what was checked, hex. */
  readonly sha256: string;
  /** Names in it; one that comes again counts again. */
  readonly count: number;
  /** Each name is greater than the one before: none comes again. */
  readonly ascends: boolean;
  /** The only name, where it may as well be the heading of an empty column. */
  readonly loneHeading: string | undefined;
}

/**
 * Looks through an uploaded device list, outside any transaction: a job is made only of one that is sound as a whole.
 * @param url as GenerateDeviceNameListURL has handed it out
 * @throws firmware.unknownList, firmware.tooManyListed, firmware.noneListed, device.malformedNameInFile
 */
export async function checkNameList(
  deps: Pick<Deps, 'engine' | 'clock' | 'limits' | 'publicUrl' | 'blobs'>,
  scope: Scope,
  url: string,
): Promise<NameList> {
  const { engine, clock, limits, publicUrl, blobs } = deps;
  const key = objectKeyOfUrl(publicUrl, url) ?? fail('firmware.unknownList');
  const { sha256 } = usable(await findUpload(engine.read, key), scope, clock.now());
  let count = 0;
  let first = '';
  let last = '';
  let ascends = true;
  await scan({ blobs }, key, ({ text, line }) => {
    if (!isDeviceName(text)) fail('device.malformedNameInFile', { Line: String(line) });
    count += 1;
    if (count === 1) first = text;
    if (ascends && text <= last) ascends = false;
    last = text;
  });
  if (count === 0) fail('firmware.noneListed');
  // names that come again count once; most lists are told to be small enough without looking for them
  if (count > limits.listedTargets) await checkDistinct(deps, key);
  return { key, sha256, count, ascends, loneHeading: count === 1 && isHeading(first) ? first : undefined };
}

/** The row of a list that was uploaded for this instance within the last hour. A list may serve several jobs. */
function usable(upload: UploadRow | undefined, scope: Scope, now: number): { readonly sha256: string } {
  if (upload?.kind !== 'device-list' || upload.instance_id !== scope.instanceId) fail('firmware.unknownList');
  const { sha256, stored_at: storedAt } = upload;
  if (sha256 === null || storedAt === null || now - storedAt >= UNUSED_MS) fail('firmware.unknownList');
  return { sha256 };
}

async function checkDistinct({ blobs, limits }: Pick<Deps, 'blobs' | 'limits'>, key: string): Promise<void> {
  const most = limits.listedTargets;
  const names = new Set<string>();
  await scan({ blobs }, key, ({ text }) => {
    names.add(text);
    if (names.size > most) fail('firmware.tooManyListed', { Most: String(most) });
  });
}

/**
 * Makes a checked list that of a job, which is being inserted in this transaction.
 * @throws firmware.unknownList when it was swept or replaced meanwhile, firmware.noneListed
 */
export async function claimNameList(
  tx: Tx,
  { clock }: Pick<Deps, 'clock'>,
  scope: Scope,
  productKey: string,
  list: NameList,
): Promise<void> {
  const { key, sha256, loneHeading } = list;
  if (usable(await lockUpload(tx, key), scope, clock.now()).sha256 !== sha256) fail('firmware.unknownList');
  // it cannot be told from a device of that name (storage-and-events 1.10)
  if (loneHeading && (await findDevicesByName(tx.db, scope.instanceId, productKey, [loneHeading])).length === 0) {
    fail('firmware.noneListed');
  }
  await markUploadsUsed(tx, [key]);
}

/** Lets a list go that no job reads any more; it is swept when its hour is over. */
export async function releaseNameList(tx: Tx, key: string): Promise<void> {
  // held first: a job that is being made of it is seen then
  if (await lockUpload(tx, key)) await releaseUnreadList(tx, key);
}

/**
 * Names of a list that has been checked.
 * @param from byte where a name begins
 * @returns at most `limit` names, and the byte behind them; undefined when the list ends there
 */
export async function namesFrom(
  { engine, blobs }: Pick<Deps, 'engine' | 'blobs'>,
  key: string,
  from: number,
  limit: number,
): Promise<{ readonly names: string[]; readonly end: number | undefined }> {
  const size = (await findUpload(engine.read, key))?.size ?? 0;
  const until = Math.min(from + PIECE, size);
  const reader = new NameListReader(from);
  const names: string[] = [];
  if (until <= from) return { names, end: undefined };
  const piece = await buffer(await blobs.read(key, { start: from, end: until - 1 }));
  for (const { text, end } of reader.read(piece, until === size)) {
    names.push(text);
    if (names.length === limit) return { names, end: end < size ? end : undefined };
  }
  return { names, end: until < size ? reader.position : undefined };
}

/** Streams a whole list past `visit`, which may throw; others have their turn after some thousand names. */
async function scan({ blobs }: Pick<Deps, 'blobs'>, key: string, visit: (name: ListedName) => void): Promise<void> {
  const reader = new NameListReader();
  for await (const large of await blobs.read(key)) {
    const bytes = large as Uint8Array;
    for (let start = 0; start < bytes.length; start += PIECE) {
      for (const name of reader.read(bytes.subarray(start, start + PIECE), false)) visit(name);
      await nextTurn();
    }
  }
  for (const name of reader.read(Buffer.alloc(0), true)) visit(name);
}
