import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, every } from '../lib/clock.ts';
import { DEFAULT_MODULE } from '../wire/device-messages.ts';
import { LARGEST_BLOCK, LEAST_BLOCK } from '../wire/file-download.ts';
import { readDeviceList } from './device-list.ts';
import { createFleet, type Fleet, type FleetOptions, type FleetSummary, type Span } from './fleet.ts';
import type { DeviceIdentity } from './link.ts';
import { parseFailureRates } from './misbehaviour.ts';
import { DEFAULT_PACE } from './update.ts';

/** The options of `otaru simulate`, as the command line gives them. Times in milliseconds. */
export interface SimulateOptions {
  /** `mqtt://host:port`, `host:port` or `host` (port 1883). */
  readonly mqtt: string;
  /** File with a device per line, `-` for stdin; or else `register`. */
  readonly devices?: string;
  /** How many new devices to register under `product`. */
  readonly register?: number;
  readonly product?: string;
  /** Module and version that the devices begin with: `default`, `1.0.0`. */
  readonly module?: string;
  readonly version?: string;
  /** End when every device that can has reported this version. */
  readonly until?: string;
  /** End after this time at the latest. */
  readonly durationMs?: number;
  /** Default 1. */
  readonly seed?: number;
  /** `flash=5%,hang=1%`, see `parseFailureRates`. */
  readonly failures?: string;
  readonly delay?: Span;
  readonly reboot?: Span;
  readonly stepPercent?: number;
  readonly stepMs?: number;
  /** Bytes asked for at a time in a download over MQTT. */
  readonly blockBytes?: number;
  readonly connectsPerSecond?: number;
  readonly maxDownloads?: number;
  readonly pull?: boolean;
  readonly json?: boolean;
}

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Where the command reads and writes. */
export interface SimulateIo {
  readonly clock: Clock;
  readonly stdin: NodeJS.ReadableStream;
  /** The summary. */
  readonly stdout: Output;
  /** The status while it runs, and mistakes. */
  readonly stderr: Output;
  /** Makes `count` devices through the public API; without it `register` is a mistake. */
  readonly register?: (productKey: string, count: number) => Promise<readonly DeviceIdentity[]>;
  /** Ends the simulation early (Ctrl-C). */
  readonly signal?: AbortSignal;
}

/** What `simulate` returns, the exit code of the process. */
export const EXIT = {
  /** Every device that was not told to fail reported `until`; without `until`, the time was up or the user ended it. */
  reached: 0,
  /** The end came before that, or no device was ever accepted by the server. */
  missed: 1,
  /** The options or the device list cannot be used; nothing was connected. */
  usage: 2,
} as const;

const TTY_STATUS_MS = 250;
const PLAIN_STATUS_MS = 5_000;

/** The body of `otaru simulate`: runs a fleet, tells how it goes, prints a summary. Resolves with a code of {@link EXIT}. */
export async function simulate(options: SimulateOptions, io: SimulateIo): Promise<number> {
  let fleet: Fleet;
  try {
    fleet = createFleet(await fleetOptions(options, io));
  } catch (error) {
    io.stderr.write(`otaru simulate: ${(error as Error).message}\n`);
    return EXIT.usage;
  }
  // the timers of Clock do not keep the process alive while every device waits to connect again
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    await using running = fleet;
    running.start();
    const reached = await untilEnd(running, options, io);
    const summary = running.summary();
    io.stdout.write(options.json ? `${JSON.stringify({ reached, ...summary })}\n` : describe(summary));
    return reached && summary.connects > 0 ? EXIT.reached : EXIT.missed;
  } finally {
    clearInterval(alive);
  }
}

/** Whether the end came as wished. */
async function untilEnd(fleet: Fleet, options: SimulateOptions, io: SimulateIo): Promise<boolean> {
  const end = new AbortController();
  const stop = () => end.abort();
  await using _status = showStatus(fleet, io);
  using _deadline = options.durationMs === undefined ? undefined : io.clock.after(options.durationMs, stop);
  io.signal?.addEventListener('abort', stop, { once: true });
  if (io.signal?.aborted) stop();
  try {
    if (options.until === undefined) {
      await new Promise<void>((resolve) => {
        if (end.signal.aborted) resolve();
        end.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      return true;
    }
    return await fleet.whenSettled(options.until, options.module ?? DEFAULT_MODULE, end.signal).then(
      () => true,
      () => false,
    );
  } finally {
    io.signal?.removeEventListener('abort', stop);
  }
}

/** One line that is written over on a terminal; elsewhere a line whenever it has changed. */
function showStatus(fleet: Fleet, io: SimulateIo): AsyncDisposable {
  const { isTTY = false } = io.stderr;
  let shown = '';
  const show = () => {
    const line = statusLine(fleet.summary());
    if (line !== shown) io.stderr.write(isTTY ? `\r${line}\x1b[K` : `${line}\n`);
    shown = line;
  };
  show();
  const timer = every(io.clock, isTTY ? TTY_STATUS_MS : PLAIN_STATUS_MS, async () => show());
  return {
    async [Symbol.asyncDispose]() {
      await timer[Symbol.asyncDispose]();
      show();
      if (isTTY) io.stderr.write('\n');
    },
  };
}

function statusLine({ devices, online, states, refusals }: FleetSummary): string {
  const parts = [`${devices} devices`, `${online} online`];
  for (const [state, count] of Object.entries(states)) if (count > 0) parts.push(`${count} ${state}`);
  if (refusals > 0) parts.push(`refused ${refusals} times`);
  return parts.join(', ');
}

function describe(summary: FleetSummary): string {
  const table = (name: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([key, count]) => `${name} ${key}: ${count}\n`);
  const { pushes, duplicates, downloads, bytes, resumes } = summary;
  return [
    `${statusLine(summary)}\n`,
    ...table('version', summary.versions),
    ...table('failed', summary.failures),
    `${pushes} packages handed out (${duplicates} twice), ${downloads} downloaded (${bytes} bytes), ${resumes} downloads resumed\n`,
  ].join('');
}

async function fleetOptions(options: SimulateOptions, io: SimulateIo): Promise<FleetOptions> {
  const {
    module = DEFAULT_MODULE,
    version = '1.0.0',
    seed = 1,
    delay,
    reboot,
    connectsPerSecond,
    maxDownloads,
  } = options;
  const address = parseAddress(options.mqtt);
  for (const span of [delay, reboot]) {
    if (span !== undefined && !(span.min >= 0 && span.max >= span.min))
      throw new RangeError('a time span begins at 0 or later and ends after it begins');
  }
  if (connectsPerSecond !== undefined && !(connectsPerSecond > 0))
    throw new RangeError('connects per second must be above 0');
  if (maxDownloads !== undefined && !(maxDownloads >= 1)) throw new RangeError('downloads at once must be 1 or more');
  const { stepPercent = 10, stepMs = 0, blockBytes = DEFAULT_PACE.blockBytes } = options;
  if (!(stepPercent >= 1 && stepPercent <= 100)) throw new RangeError('the step of progress must be 1 to 100 percent');
  if (!(blockBytes >= LEAST_BLOCK && blockBytes <= LARGEST_BLOCK))
    throw new RangeError(`a block must have ${LEAST_BLOCK} to ${LARGEST_BLOCK} bytes`);
  const failures = parseFailureRates(options.failures ?? '');
  return {
    ...address,
    identities: await identities(options, io),
    clock: io.clock,
    seed,
    failures,
    delay,
    reboot,
    connectsPerSecond,
    maxDownloads,
    versions: { [module]: version },
    pace: { stepPercent, stepMs, blockBytes },
    pullOnConnect: options.pull,
  };
}

async function identities(options: SimulateOptions, io: SimulateIo): Promise<readonly DeviceIdentity[]> {
  const { devices, register, product } = options;
  if ((devices === undefined) === (register === undefined))
    throw new RangeError('name either a list of devices or a number to register');
  if (devices !== undefined) {
    const input = devices === '-' ? io.stdin : createReadStream(devices);
    const list = await readDeviceList(lines(input));
    if (list.length === 0) throw new RangeError('the list of devices is empty');
    return list;
  }
  if (io.register === undefined || product === undefined)
    throw new RangeError('registering needs a product and an endpoint');
  if (!Number.isSafeInteger(register) || (register ?? 0) < 1)
    throw new RangeError('the number to register must be 1 or more');
  return io.register(product, register ?? 0);
}

async function* lines(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  // readline alone would swallow the error of a file that cannot be read
  const failed = Promise.withResolvers<never>();
  input.once('error', failed.reject);
  const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    const texts = reader[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([texts.next(), failed.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // an open stdin would keep the process alive after a bad line
    reader.close();
  }
}

function parseAddress(text: string): { host: string; port: number } {
  const [, host = '', port = '1883'] = /^(?:mqtt:\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) throw new RangeError(`"${text}" is not mqtt://host:port`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
