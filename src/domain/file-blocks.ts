import type { Readable } from 'node:stream';
import { filesOfFirmware } from '../store/queries/firmware.ts';
import { findJobs } from '../store/queries/jobs.ts';
import { activeTasks } from '../store/queries/tasks.ts';
import { type BlockErrorCode, type BlockOutcome, type BlockQuestion, LEAST_BLOCK } from '../wire/file-download.ts';
import type { Deps } from './deps.ts';
import type { DeviceRef } from './device-services.ts';
import { isUnderWay } from './handout.ts';

/** A stream has one file; devices in the field have its number built in. */
export const STREAM_FILE_ID = 1;

/** How long a device that was allowed to fetch a file goes on without being looked up: a cancel stops it after that. */
const ALLOWED_MS = 3_000;

/** Devices that download at the same time and are remembered; more of them are looked up more often. */
const MOST_REMEMBERED = 10_000;

type BlockDeps = Pick<Deps, 'engine' | 'clock' | 'blobs'>;

interface Allowed {
  readonly blobKey: string;
  /** Bytes. */
  readonly size: number;
  readonly until: number;
}

/** Files that devices fetch block by block over MQTT (device-protocol 3.8). */
export interface FileBlocks {
  /**
   * The block that is asked for, cut at the end of the file. Only a device that was told of the file and still has to
   * install it gets bytes; what was canceled ends within seconds. Rejects when the bytes cannot be read.
   * @param devices the device that asks, and those for which its connection may ask besides
   */
  answer(devices: readonly DeviceRef[], question: BlockQuestion): Promise<BlockOutcome>;
}

export function createFileBlocks(deps: BlockDeps): FileBlocks {
  // by first device and stream, the oldest first: all live equally long
  const remembered = new Map<string, Allowed>();

  const allowed = async (devices: readonly DeviceRef[], streamId: number): Promise<Allowed | undefined> => {
    const now = deps.clock.now();
    const key = `${devices[0]?.deviceId} ${streamId}`;
    const known = remembered.get(key);
    if (known && known.until > now) return known;
    remembered.delete(key);
    const file = await findFile(deps, devices, streamId);
    if (!file) return undefined;
    for (const [other, { until }] of remembered) {
      if (until > now && remembered.size < MOST_REMEMBERED) break;
      remembered.delete(other);
    }
    const found = { blobKey: file.upload_key, size: file.size, until: now + ALLOWED_MS };
    remembered.set(key, found);
    return found;
  };

  return {
    async answer(devices, { request }) {
      if (typeof request === 'string') return refused(460, request);
      const file = request.fileId === STREAM_FILE_ID ? await allowed(devices, request.streamId) : undefined;
      if (!file) return refused(404, 'the device has no such file to fetch');
      const { offset, size } = request;
      if (offset >= file.size) return refused(460, `fileBlock.offset is not below the file's ${file.size} bytes`);
      const end = Math.min(offset + size, file.size);
      if (size < LEAST_BLOCK && end < file.size) {
        return refused(460, `fileBlock.size is below ${LEAST_BLOCK}, and this is not the last block`);
      }
      const bytes = await collect(await deps.blobs.read(file.blobKey, { start: offset, end: end - 1 }), end - offset);
      return { ok: true, fileLength: file.size, offset, bytes };
    },
  };
}

const refused = (code: BlockErrorCode, reason: string): BlockOutcome => ({ ok: false, code, reason });

async function findFile({ engine }: BlockDeps, devices: readonly DeviceRef[], streamId: number) {
  const tasks = await activeTasks(
    engine.read,
    devices.map((device) => device.deviceId),
  );
  const jobs = await findJobs(
    engine.read,
    tasks.map((task) => task.job_id),
  );
  const task = tasks.find((candidate) => {
    const job = jobs.get(candidate.job_id);
    return job?.stream_id === streamId && isUnderWay(candidate, job);
  });
  const job = task && jobs.get(task.job_id);
  return job && (await filesOfFirmware(engine.read, [job.firmware_id]))[0];
}

async function collect(body: Readable, size: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (bytes.length !== size) throw new Error(`the store gave ${bytes.length} bytes instead of ${size}`);
  return bytes;
}
