import type { Clock } from '../lib/clock.ts';
import { makeConnect } from '../wire/mqtt-connect.ts';
import { connectLightClient, type LightClient } from './light-client.ts';
import { pause } from './pause.ts';
import type { Random } from './random.ts';

/** What a device is and proves. */
export interface DeviceIdentity {
  readonly productKey: string;
  readonly deviceName: string;
  readonly deviceSecret: string;
}

export interface LinkOptions {
  readonly identity: DeviceIdentity;
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  /** First and longest wait before another attempt; doubles in between and varies by half. Milliseconds. */
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
  readonly keepaliveS?: number | undefined;
  readonly onUp: (client: LightClient) => void;
  readonly onDown: (error: Error | undefined) => void;
  /** An attempt to connect has failed: `ConnectRefused` or an error of the network. */
  readonly onRefused: (error: Error) => void;
  readonly onMessage: (topic: string, payload: Buffer) => void;
}

/** A connection that comes back by itself until disposed. */
export interface Link extends AsyncDisposable {
  readonly client: LightClient | undefined;
  /** Closes the connection, by DISCONNECT or by a plain cut, and opens the next one after `delayMs`. */
  restart(delayMs: number, how: 'close' | 'cut'): void;
  /** Cuts the connection for good. */
  die(): void;
}

// `_ss=1`: system topics come without SUBSCRIBE (device-protocol 1.2)
const EXTRA = { _ss: '1', _v: 'otaru-simulate', lan: 'NodeJS' };

/** Connects now and again after every loss, as the SDKs do (device-protocol 4.4). */
export function keepConnected(options: LinkOptions): Link {
  const { identity, host, port, clock, keepaliveS, backoff } = options;
  const stop = new AbortController();
  let client: LightClient | undefined;
  let plannedDelayMs: number | undefined;

  const session = async () => {
    const ended = Promise.withResolvers<Error | undefined>();
    client = await connectLightClient({
      ...makeConnect(identity, { method: 'hmacsha256', extra: EXTRA }),
      host,
      port,
      clock,
      signal: stop.signal,
      keepaliveS,
      // a push may arrive in one piece with CONNACK: let `onUp` come first
      onMessage: (topic, payload) => queueMicrotask(() => options.onMessage(topic, payload)),
      onClose: ended.resolve,
    });
    if (stop.signal.aborted) client.cut();
    else options.onUp(client);
    const error = await ended.promise;
    client = undefined;
    options.onDown(error);
  };

  const run = async () => {
    for (let failures = 0; !stop.signal.aborted; ) {
      try {
        await session();
        failures = 0;
      } catch (error) {
        if (stop.signal.aborted) return;
        failures++;
        options.onRefused(error as Error);
      }
      const delayMs = plannedDelayMs ?? backoffMs(backoff, failures, options.random);
      plannedDelayMs = undefined;
      await pause(clock, delayMs, stop.signal).catch(() => undefined);
    }
  };
  const running = run();

  return {
    get client() {
      return client;
    },
    restart(delayMs, how) {
      // without a connection the next one is on its way already
      if (client === undefined) return;
      plannedDelayMs = delayMs;
      if (how === 'cut') client.cut();
      else void client.close();
    },
    die() {
      stop.abort();
      client?.cut();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await client?.close();
      await running;
    },
  };
}

function backoffMs(range: LinkOptions['backoff'], failures: number, random: Random): number {
  return Math.min(range.minMs * 2 ** Math.min(failures, 20), range.maxMs) * (0.5 + random());
}
