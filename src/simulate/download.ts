import { createHash, type Hash } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { Clock } from '../lib/clock.ts';
import { UpdateFailure } from './misbehaviour.ts';
import { pause } from './pause.ts';
import type { PushedFile } from './pushed-package.ts';

export interface DownloadOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How often a cut or refused connection is tried again, over the whole file. */
  readonly retries: number;
  /** Before the first retry; doubles up to five seconds. */
  readonly retryDelayMs: number;
  /** Called with the bytes that have just come; the download waits for it. */
  readonly onBytes: (bytes: number) => Promise<void>;
  /** Called before a connection is opened again at `offset`. */
  readonly onResume: (offset: number, reason: string) => void;
}

/** A file that is fetched over HTTP. */
export type UrlFile = PushedFile & { readonly source: string };

const LONGEST_RETRY_DELAY_MS = 5_000;
const SILENCE_MS = 60_000;

interface Received {
  bytes: number;
  readonly hash: Hash;
}

/**
 * Downloads `file` as the C SDKs do (device-protocol 4.3): `Range: bytes=<offset>-`, a connection per request, no redirect,
 * an exact `Content-Length`, and after a cut on from the bytes that came. Nothing is kept but the digest.
 *
 * Throws {@link UpdateFailure} with -2 when the server refuses or the retries are used up, with -3 when size or digest
 * differ, and the signal's reason when aborted.
 */
export async function downloadFile(file: UrlFile, digest: 'md5' | 'sha256', options: DownloadOptions): Promise<void> {
  const { clock, signal } = options;
  const received: Received = { bytes: 0, hash: createHash(digest) };
  for (let failures = 0; received.bytes < file.size; ) {
    try {
      await downloadFrom(received, file, options);
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectionError(error)) throw error;
      if (failures >= options.retries) throw new UpdateFailure(-2, `download failed: ${error.message}`);
      await pause(clock, Math.min(options.retryDelayMs * 2 ** failures, LONGEST_RETRY_DELAY_MS), signal);
      failures++;
      options.onResume(received.bytes, error.message);
    }
  }
  if (received.hash.digest('hex') !== file.sign) throw new UpdateFailure(-3, 'digest mismatch');
}

/** Marks what may be tried again; anything else that is thrown ends the download. */
class ConnectionError extends Error {}

function isConnectionError(error: unknown): error is Error {
  return error instanceof ConnectionError || (error instanceof Error && 'code' in error);
}

async function downloadFrom(received: Received, file: UrlFile, options: DownloadOptions): Promise<void> {
  const response = await request(file.source, received.bytes, options.signal);
  try {
    checkResponse(response, received.bytes, file.size);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      received.hash.update(chunk);
      received.bytes += chunk.length;
      await options.onBytes(chunk.length);
    }
  } finally {
    response.destroy();
  }
}

function checkResponse(response: IncomingMessage, offset: number, size: number): void {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) throw new ConnectionError(`HTTP ${statusCode}`);
  // a 200 with the whole body is of use at the beginning only
  if (statusCode !== 206 && (statusCode !== 200 || offset > 0))
    throw new UpdateFailure(-2, `download failed: HTTP ${statusCode}`);
  if (headers['content-length'] === undefined) throw new UpdateFailure(-2, 'download failed: no Content-Length');

  const rest = Number(headers['content-length']);
  if (statusCode === 206) {
    const start = /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1];
    if (start !== String(offset)) throw new UpdateFailure(-2, 'download failed: another range than asked for');
  }
  if (offset + rest !== size) throw new UpdateFailure(-3, `size mismatch: ${offset + rest} bytes, expected ${size}`);
}

function request(address: string, offset: number, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const get = url?.protocol === 'http:' ? httpGet : url?.protocol === 'https:' ? httpsGet : undefined;
    if (url === undefined || get === undefined) {
      throw new UpdateFailure(-2, 'download failed: the URL is neither http nor https');
    }
    const headers = { range: `bytes=${offset}-` };
    const sent = get(url, { agent: false, headers, signal, timeout: SILENCE_MS }, resolve);
    sent.on('timeout', () => sent.destroy(new ConnectionError('the server fell silent')));
    sent.on('error', reject);
  });
}
