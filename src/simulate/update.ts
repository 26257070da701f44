import type { Clock } from '../lib/clock.ts';
import { downloadFile } from './download.ts';
import type { Gate } from './gate.ts';
import { type FailureStep, type Misbehaviour, UpdateFailure } from './misbehaviour.ts';
import { pause } from './pause.ts';
import type { PushedFile, PushedPackage } from './pushed-package.ts';
import { type BlockClient, downloadStream } from './stream-download.ts';

/** How a device goes about an update. Times in milliseconds. */
export interface UpdatePace {
  /** Between the push and the first request; the C 4.x demo waits 2 s (device-protocol 4.1). */
  readonly delayMs: number;
  /** Percent from one progress report to the next, 1 to 100. */
  readonly stepPercent: number;
  /** Pause after each progress report: makes a small file take its time. */
  readonly stepMs: number;
  /** Cut connections that one file survives. */
  readonly retries: number;
  readonly retryDelayMs: number;
  /** Of a download over MQTT: bytes asked for at a time, and how long an answer is waited for. */
  readonly blockBytes: number;
  readonly replyMs: number;
}

export const DEFAULT_PACE: UpdatePace = {
  delayMs: 0,
  stepPercent: 10,
  stepMs: 0,
  retries: 10,
  retryDelayMs: 200,
  // as C 4.2 (device-protocol 3.8)
  blockBytes: 5_120,
  replyMs: 10_000,
};

export type UpdateOutcome =
  | { readonly kind: 'fetched' }
  | { readonly kind: 'failed'; readonly step: FailureStep; readonly description: string }
  | { readonly kind: 'hung' }
  | { readonly kind: 'powerLost'; readonly returns: boolean };

export interface UpdateOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Limits how many devices download at once. */
  readonly gate: Gate;
  readonly pace: UpdatePace;
  readonly misbehaviour: Misbehaviour | undefined;
  /** For files that come over MQTT. */
  readonly blocks: BlockClient;
  /** A percentage of the download, 0 to 99, in rising order. */
  readonly onProgress: (percent: number) => void;
  readonly onResume: (offset: number, reason: string) => void;
}

const MISBEHAVES_AT_PERCENT = 50;

/** Thrown where a device stops in mid-download on purpose. */
class Interruption extends Error {
  readonly outcome: UpdateOutcome;

  constructor(outcome: UpdateOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** Waits, downloads and verifies all files of a package. Throws only the signal's reason when aborted. */
export async function fetchPackage(pushed: PushedPackage, options: UpdateOptions): Promise<UpdateOutcome> {
  const { clock, signal, pace, misbehaviour } = options;
  await pause(clock, pace.delayMs, signal);
  const leave = await options.gate.enter(signal);
  try {
    const onBytes = progressMeter(pushed, options);
    options.onProgress(0);
    for (const file of pushed.files) await fetchFile(file, pushed.digest, onBytes, options);
    if (misbehaviour?.kind === 'report') throw new UpdateFailure(misbehaviour.step, misbehaviour.description);
    return { kind: 'fetched' };
  } catch (error) {
    if (error instanceof Interruption) return error.outcome;
    if (error instanceof UpdateFailure) return { kind: 'failed', step: error.step, description: error.message };
    throw error;
  } finally {
    leave();
  }
}

async function fetchFile(
  file: PushedFile,
  digest: PushedPackage['digest'],
  onBytes: (bytes: number) => Promise<void>,
  { clock, signal, pace, blocks, onResume }: UpdateOptions,
): Promise<void> {
  const { source } = file;
  if (typeof source === 'string') {
    const { retries, retryDelayMs } = pace;
    await downloadFile({ ...file, source }, digest, { clock, signal, retries, retryDelayMs, onBytes, onResume });
  } else {
    const { blockBytes, replyMs } = pace;
    await downloadStream(file, source, digest, { signal, blocks, blockBytes, replyMs, onBytes, onResume });
  }
}

/** Turns received bytes into progress reports, each step of a large chunk on its own, and stops where the device is to stop. */
function progressMeter(pushed: PushedPackage, options: UpdateOptions): (bytes: number) => Promise<void> {
  const { clock, signal, pace } = options;
  const total = pushed.files.reduce((sum, file) => sum + file.size, 0);
  const stop = stopInMidDownload(options.misbehaviour);
  let received = 0;
  let next = pace.stepPercent;
  return async (bytes) => {
    received += bytes;
    const percent = (received / total) * 100;
    for (; next <= percent && next < 100; next += pace.stepPercent) {
      options.onProgress(next);
      await pause(clock, pace.stepMs, signal);
      if (stop !== undefined && next >= MISBEHAVES_AT_PERCENT) throw stop;
    }
    if (stop !== undefined && percent >= MISBEHAVES_AT_PERCENT) throw stop;
  };
}

function stopInMidDownload(misbehaviour: Misbehaviour | undefined): Error | undefined {
  switch (misbehaviour?.kind) {
    case 'hang':
      return new Interruption({ kind: 'hung' });
    case 'powerLoss':
      return new Interruption({ kind: 'powerLost', returns: misbehaviour.returns });
    case 'report':
      return misbehaviour.step === -2 ? new UpdateFailure(-2, misbehaviour.description) : undefined;
    default:
      return undefined;
  }
}
