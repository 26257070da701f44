import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../lib/clock.ts';
import { simulate } from '../simulate/command.ts';
import type { DeviceIdentity } from '../simulate/link.ts';
import type { ApiClient } from './api-client.ts';
import { type ConnectionOptions, connect, withConnection } from './connection.ts';
import { CommandError } from './output.ts';

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('must be a number');
  return value;
}

/** `200` or `200..1500`, milliseconds. */
function span(text: string) {
  const [min, max = min] = text.split('..').map(number);
  return { min: min as number, max: max as number };
}

interface Options extends ConnectionOptions {
  readonly mqtt: string;
  readonly devices?: string;
  readonly register?: number;
  readonly product?: string;
  readonly module?: string;
  readonly deviceVersion?: string;
  readonly until?: string;
  readonly duration?: number;
  readonly seed?: number;
  readonly failures?: string;
  readonly delay?: { min: number; max: number };
  readonly reboot?: { min: number; max: number };
  readonly stepPercent?: number;
  readonly stepMs?: number;
  readonly blockBytes?: number;
  readonly connectRate?: number;
  readonly maxDownloads?: number;
  readonly pull?: boolean;
  readonly json?: boolean;
}

export function addSimulate(program: Command): void {
  withConnection(program.command('simulate'))
    .description('Run simulated devices that connect, download, verify and report like real ones.')
    .option('--mqtt <address>', 'device gateway', 'mqtt://127.0.0.1:1883')
    .option('--devices <file>', 'devices, one per line (productKey,deviceName,deviceSecret or JSON); - for stdin')
    .option('--register <count>', 'register that many new devices through the API', number)
    .option('--product <key>', 'product of the new devices')
    .option('--module <name>', 'module that is updated', 'default')
    .option('--device-version <version>', 'version that the devices begin with', '1.0.0')
    .option('--until <version>', 'end when every device that can has reported this version')
    .option('--duration <seconds>', 'end after this time at the latest', number)
    .option('--seed <number>', 'the same seed makes the same choices', number)
    .option(
      '--failures <rates>',
      'such as flash=5%,hang=1%: update, download, verify, flash, wrong-version, hang, power-loss, vanish, absent',
    )
    .option('--delay <ms>', 'between a push and the download: 200 or 200..1500', span)
    .option('--reboot <ms>', 'how long a boot takes: 200 or 200..1500', span)
    .option('--step-percent <n>', 'progress is reported every n per cent', number)
    .option('--step-ms <ms>', 'time between two progress reports', number)
    .option('--block-bytes <n>', 'asked for at a time when a package comes over MQTT', number)
    .option('--connect-rate <n>', 'first connections a second', number)
    .option('--max-downloads <n>', 'downloads at a time', number)
    .option('--pull', 'ask for a package at every connect')
    .option('--json', 'print the summary as one line of JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 all reached the version (or the time was up), 1 some did not, 2 called wrongly.',
    )
    .action(async (options: Options) => {
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      process.once('SIGTERM', () => stop.abort());
      const { deviceVersion, duration, connectRate, ...rest } = options;
      const code = await simulate(
        {
          ...rest,
          ...(deviceVersion === undefined ? {} : { version: deviceVersion }),
          ...(duration === undefined ? {} : { durationMs: duration * 1_000 }),
          ...(connectRate === undefined ? {} : { connectsPerSecond: connectRate }),
        },
        {
          clock: systemClock,
          stdin: process.stdin,
          stdout: process.stdout,
          stderr: process.stderr,
          register: (productKey, count) => registerDevices(connect(options), productKey, count),
          signal: stop.signal,
        },
      );
      // what is wrong has been said already
      if (code !== 0) throw new CommandError('', code);
    });
}

/** Registers new devices; the quota of the action sets the pace. */
export async function registerDevices(client: ApiClient, productKey: string, count: number): Promise<DeviceIdentity[]> {
  const devices: DeviceIdentity[] = [];
  while (devices.length < count) {
    const some = Array.from({ length: Math.min(10, count - devices.length) }, () =>
      client.call('RegisterDevice', { ProductKey: productKey }),
    );
    for (const { Data: device } of await Promise.all(some)) {
      devices.push({ productKey, deviceName: device.DeviceName, deviceSecret: device.DeviceSecret });
    }
  }
  return devices;
}
