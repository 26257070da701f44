import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { type BlockReply, type BlockRequest, decodeBlockReply, encodeBlockRequest } from '../wire/file-download.ts';
import type { DownloadOptions } from './download.ts';
import { UpdateFailure } from './misbehaviour.ts';
import type { PushedFile, PushedStream } from './pushed-package.ts';

/** How often a block is asked for again before the download is given up, as C 4.2 does (device-protocol 3.8). */
const REPEATS = 3;

/** Asks for blocks over the device's connection. */
export interface BlockClient {
  /** What came on `thing/file/download_reply`. Frames that are damaged, or that nobody waits for, are ignored. */
  hear(payload: Uint8Array): void;
  /** @returns undefined when no answer came within `timeoutMs`; rejects with the signal's reason */
  ask(request: BlockRequest, timeoutMs: number, signal: AbortSignal): Promise<BlockReply | undefined>;
}

/** @param publish sends a request; it may reject while there is no connection */
export function createBlockClient(clock: Clock, publish: (payload: string) => Promise<void>): BlockClient {
  const waiting = new Map<string, (reply: BlockReply) => void>();
  let asked = 0;
  return {
    hear(payload) {
      const reply = decodeBlockReply(payload);
      if (typeof reply !== 'string') waiting.get(reply.id)?.(reply);
    },
    async ask(request, timeoutMs, signal) {
      signal.throwIfAborted();
      const id = String(++asked);
      const answer = Promise.withResolvers<BlockReply | undefined>();
      const abort = () => answer.reject(signal.reason);
      using _timer = clock.after(timeoutMs, () => answer.resolve(undefined));
      signal.addEventListener('abort', abort, { once: true });
      waiting.set(id, answer.resolve);
      try {
        // without a connection it counts as unanswered
        publish(encodeBlockRequest(id, request)).catch(() => undefined);
        return await answer.promise;
      } finally {
        waiting.delete(id);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

export interface StreamOptions extends Pick<DownloadOptions, 'signal' | 'onBytes' | 'onResume'> {
  readonly blocks: BlockClient;
  readonly blockBytes: number;
  /** How long an answer is waited for. */
  readonly replyMs: number;
}

/**
 * Downloads `file` block by block as C 4.2 does (device-protocol 3.8, 4.4): the next block when the one before has come,
 * the last one cut to what is left. Nothing is kept but the digest.
 *
 * Throws {@link UpdateFailure} with -4 when the server refuses or does not answer, with -3 when the digest differs, and
 * the signal's reason when aborted.
 */
export async function downloadStream(
  { size, sign }: Pick<PushedFile, 'size' | 'sign'>,
  stream: PushedStream,
  digest: 'md5' | 'sha256',
  options: StreamOptions,
): Promise<void> {
  const { blocks, blockBytes, replyMs, signal } = options;
  const hash = createHash(digest);
  let failures = 0;
  for (let offset = 0; offset < size; ) {
    const request = { ...stream, size: Math.min(blockBytes, size - offset), offset };
    const reply = await blocks.ask(request, replyMs, signal);
    if (reply?.code === 200 && reply.offset === offset && reply.bytes.length === request.size) {
      hash.update(reply.bytes);
      offset += reply.bytes.length;
      failures = 0;
      await options.onBytes(reply.bytes.length);
      continue;
    }
    if (reply) throw new UpdateFailure(-4, `download failed: ${reply.code} ${reply.message}`);
    if (failures === REPEATS) throw new UpdateFailure(-4, 'download failed: no answer');
    failures++;
    options.onResume(offset, 'no answer');
  }
  if (hash.digest('hex') !== sign) throw new UpdateFailure(-3, 'digest mismatch');
}
