import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface DeviceSettings {
  readonly host: string;
  readonly port: number;
  readonly productKey: string;
  /** Of every device. */
  readonly secret: string;
}

/** Devices by number, `to` excluded. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What something took for all devices, and each of them in milliseconds. */
export interface Timed {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly times: readonly number[];
}

/** When a device came through its update, in milliseconds since 1970. */
export interface UpdateTimes {
  readonly toldAt: number;
  readonly downloadedAt: number;
  readonly progressedAt: number;
  readonly reportedAt: number;
}

/** What a process of devices can do. */
export interface DeviceCommands {
  /** @param input.parallel logins under way at a time */
  connect(input: Range & { readonly parallel: number }): Promise<Timed>;
  disconnect(input: Range & { readonly parallel: number }): Promise<Timed>;
  /** PINGREQ of each, answered. */
  ping(input: Range): Promise<Timed>;
  /** Every device says this in a row, each at QoS 1 when the one before is acknowledged: steps and versions. */
  report(input: Range & { readonly said: readonly (number | string)[] }): Promise<Timed>;
  /** Forgets what devices were told so far. */
  forget(input: object): Promise<void>;
  /** When each message came since `forget`, once there are so many or the time is over. */
  told(input: { readonly count: number; readonly timeoutMs: number }): Promise<readonly number[]>;
  /** Connections that have ended without having been asked to. */
  lost(input: object): Promise<number>;
  /** Devices that are told of a package fetch it, report progress and the new version. Ends when all have done so. */
  update(input: Range & { readonly version: string; readonly timeoutMs: number }): Promise<{
    readonly times: readonly UpdateTimes[];
    readonly failures: readonly string[];
    /** Messages to a device that had been told before. */
    readonly again: number;
  }>;
}

export interface DeviceQuestion {
  readonly id: number;
  readonly name: keyof DeviceCommands;
  readonly input: unknown;
}

export interface DeviceAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export type HeldDevices = DeviceCommands & AsyncDisposable;

/** Starts a process that holds devices. @param mqtt address of the server, `mqtt://host:port` */
export async function startDevices(
  mqtt: string,
  device: Pick<DeviceSettings, 'productKey' | 'secret'>,
): Promise<HeldDevices> {
  const { hostname, port } = new URL(mqtt);
  const settings: DeviceSettings = { host: hostname, port: Number(port), ...device };
  const child = fork(`${import.meta.dirname}/device-process.ts`, [JSON.stringify(settings)], {
    serialization: 'advanced',
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', ({ id, result, error }: DeviceAnswer) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error));
  });
  child.on('exit', () => {
    for (const answer of waiting.values()) answer.reject(new Error('the process of the devices has ended'));
  });
  await once(child, 'message');
  const ask = (name: keyof DeviceCommands) => (input: unknown) => {
    lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(lastId, answer);
    child.send({ id: lastId, name, input } satisfies DeviceQuestion);
    return answer.promise;
  };
  const names = ['connect', 'disconnect', 'ping', 'report', 'forget', 'told', 'lost', 'update'] as const;
  return {
    ...(Object.fromEntries(names.map((name) => [name, ask(name)])) as unknown as DeviceCommands),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
