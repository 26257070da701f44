import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** The built server as an operator runs it: a child process, reached only over its ports and its command line. */
export interface Otaru extends AsyncDisposable {
  /** Origin of the API. Ports stay the same over restarts. */
  readonly http: string;
  readonly mqtt: string;
  /** Address for consumers of events; empty unless `OTARU_AMQP` is set. */
  readonly amqp: string;
  /** Where metrics are read; empty unless `OTARU_METRICS` is set. */
  readonly metrics: string;
  readonly data: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** `key create` and so on, with --json; the parsed line. */
  command(...words: string[]): Promise<Record<string, string>>;
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a process, or its machine, that stands still for a while. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  start(): Promise<void>;
  /** What the server wrote to stderr so far. */
  log(): string;
}

export const rootKey = { accessKeyId: 'LTAIacceptance000001', accessKeySecret: 'acceptanceSecret0000000000001' };

/** What the server says when it is ready. */
interface Addresses {
  readonly http: string;
  readonly mqtt: string;
  readonly amqp?: string;
  readonly metrics?: string;
}

const bin = join(import.meta.dirname, '../../../bin/otaru.js');

/**
 * @param program what Node runs: the built server unless something else is named
 * @param within a command line that runs the one behind it, such as `env`
 */
export async function startOtaru(
  variables: Readonly<Record<string, string>> = {},
  program = bin,
  within: readonly string[] = [],
): Promise<Otaru> {
  const data = mkdtempSync(join(tmpdir(), 'otaru-acceptance-'));
  const base = {
    ...process.env,
    OTARU_DATA: data,
    OTARU_HTTP: '127.0.0.1:0',
    OTARU_MQTT: '127.0.0.1:0',
    OTARU_ACCESS_KEY_ID: rootKey.accessKeyId,
    OTARU_ACCESS_KEY_SECRET: rootKey.accessKeySecret,
    OTARU_LOG_LEVEL: 'warn',
    ...variables,
  };
  let addresses: Addresses = { http: '', mqtt: '', amqp: '' };
  let child: ChildProcess | undefined;
  let log = '';

  const exited = async (process: ChildProcess) => {
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
    return process.exitCode;
  };
  const otaru: Otaru = {
    get http() {
      return addresses.http;
    },
    get mqtt() {
      return addresses.mqtt;
    },
    get amqp() {
      return addresses.amqp ?? '';
    },
    get pid() {
      return child?.pid ?? 0;
    },
    get metrics() {
      return addresses.metrics ?? '';
    },
    data,
    log: () => log,
    async command(...words) {
      const { stdout } = await promisify(execFile)(process.execPath, [program, ...words, '--json'], { env: base });
      return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, string>);
    },
    async start() {
      const ports =
        addresses.http === ''
          ? {}
          : {
              OTARU_HTTP: new URL(addresses.http).host,
              OTARU_MQTT: new URL(addresses.mqtt).host,
              ...(addresses.amqp ? { OTARU_AMQP: new URL(addresses.amqp).host } : {}),
            };
      const [command = '', ...words] = [...within, process.execPath, program, 'serve'];
      const started = spawn(command, words, {
        env: { ...base, ...ports },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      started.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
      const line = await Promise.race([
        once(createInterface({ input: started.stdout as NodeJS.ReadableStream }), 'line'),
        exited(started).then((code) => Promise.reject(new Error(`otaru serve ended with ${code}: ${log}`))),
      ]);
      const ready = JSON.parse(String(line[0])) as { readonly event: string } & Addresses;
      if (ready.event !== 'ready') throw new Error(`unexpected first line: ${line[0]}`);
      addresses = ready;
    },
    async kill() {
      child?.kill('SIGKILL');
      if (child) await exited(child);
    },
    signal: (name) => void child?.kill(name),
    async stop() {
      child?.kill('SIGTERM');
      return child ? exited(child) : null;
    },
    async [Symbol.asyncDispose]() {
      await otaru.kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
  await otaru.start();
  return otaru;
}
