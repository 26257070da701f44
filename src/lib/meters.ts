/** What a device says. `foreign`: to a topic that is not its own; `refused`: not taken in at all. */
export type HeardKind =
  | 'inform'
  | 'progress'
  | 'get'
  | 'request'
  | 'block'
  | 'gateway'
  | 'other'
  | 'malformed'
  | 'foreign'
  | 'refused';

/** What a device is told. `push`: a package that it did not ask for. */
export type SaidKind = 'push' | 'getReply' | 'requestReply' | 'block' | 'gatewayAnswer' | 'gatewayNotice';

/** What waits for the database, each kind for itself. `bodies`: requests on their way in. */
export type LoadKind = 'calls' | 'devices' | 'reports' | 'bodies';

/** Tasks of a job that came into a state; `cause`: why they failed, empty otherwise. */
export interface OutcomeCount {
  readonly jobId: string;
  readonly outcome: 'NOTIFIED' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
  readonly cause: string;
  readonly count: number;
}

/** A download that is under way. */
export interface DownloadMeter {
  /** @param sent bytes so far; asked now and then and once more at the end */
  begin(sent: () => number): void;
  /** @param outcome `passed`: nginx sends the file */
  end(outcome: 'complete' | 'broken' | 'passed' | 'refused'): void;
}

/**
 * Where the rooms say what they do, so that it can be counted. What is passed here becomes a label: it is of a closed
 * set, never a text that somebody outside chose. A function that answers with a function measures the time in between,
 * and the second one is to be called exactly once.
 */
export interface Meters {
  /** A call of the API. @returns to be told its action, empty when it named none that exists, and its code */
  call(): (action: string, code: string) => void;
  /** A transaction, with its waiting and its repetitions. */
  transaction(): (outcome: 'committed' | 'failed') => void;
  /** So many tasks came into this state. */
  tasks(status: string, count: number): void;
  /** The same by job, for the history of rollouts: no label. */
  outcome(outcome: OutcomeCount): void;
  /** A device's CONNECT was answered: `accepted`, `registered`, or why it was refused. */
  connect(result: string): void;
  heard(channel: 'mqtt' | 'http', kind: HeardKind): void;
  /** @param bytes of the payload */
  said(kind: SaidKind, bytes: number): void;
  /** A request for a file over HTTP. */
  download(): DownloadMeter;
  /** An attempt to deliver an event to a webhook. `lost`: somebody else has the say over it now. */
  webhookAttempt(): (outcome: 'done' | 'due' | 'dead' | 'lost') => void;
  /** Something was refused because too much waits already. */
  turnedAway(kind: LoadKind): void;
  /** One round of a scheduler's loop, or one step of a job. */
  step(loop: string): (outcome: 'done' | 'failed') => void;
}

const nothing = () => {};
const noDownload: DownloadMeter = { begin: nothing, end: nothing };

/** Nobody measures. */
export const noMeters: Meters = {
  call: () => nothing,
  transaction: () => nothing,
  tasks: nothing,
  outcome: nothing,
  connect: nothing,
  heard: nothing,
  said: nothing,
  download: () => noDownload,
  webhookAttempt: () => nothing,
  turnedAway: nothing,
  step: () => nothing,
};
