import { Client, type ClientConfig } from 'pg';
import type { Clock } from '../lib/clock.ts';
import { randomBelow } from '../lib/ids.ts';
import type { Nudge } from './engine.ts';
import { decodeNudge } from './nudges.ts';

/** The one channel of all nudges. */
export const NUDGE_CHANNEL = 'otaru_nudge';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

interface ListenerOptions {
  readonly config: ClientConfig;
  /** Name of this process in payloads; its own are passed over. */
  readonly self: string;
  readonly clock: Clock;
  readonly onNudge: (nudge: Nudge) => void;
  readonly onFault: (what: string, error: unknown) => void;
}

/**
 * Listens on a connection of its own and makes a new one whenever it is lost; nudges in between are lost, too, as a
 * nudge may be. Rejects only when the first connection fails.
 */
export async function listenForNudges(options: ListenerOptions): Promise<AsyncDisposable> {
  const { config, self, clock, onNudge, onFault } = options;
  let client: Client | undefined;
  let retry: Disposable | undefined;
  let connecting: Promise<void> | undefined;
  let closed = false;

  async function connect(): Promise<void> {
    const fresh = new Client(config);
    fresh.on('error', () => {}); // 'end' follows
    fresh.on('notification', ({ payload = '' }) => {
      const nudge = decodeNudge(self, payload);
      if (nudge) onNudge(nudge);
    });
    try {
      await fresh.connect();
      await fresh.query(`listen ${NUDGE_CHANNEL}`);
    } catch (error) {
      await fresh.end().catch(() => {});
      throw error;
    }
    client = fresh;
    fresh.once('end', () => {
      if (closed) return;
      onFault('the connection that listens for nudges was lost', undefined);
      reconnectLater(FIRST_BACKOFF_MS);
    });
  }

  function reconnectLater(backoffMs: number): void {
    if (closed) return;
    retry = clock.after(backoffMs + randomBelow(backoffMs), () => {
      connecting = connect().catch((error) => {
        onFault('cannot listen for nudges', error);
        reconnectLater(Math.min(backoffMs * 2, LONGEST_BACKOFF_MS));
      });
    });
  }

  await connect();
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      retry?.[Symbol.dispose]();
      await connecting;
      await client?.end().catch(() => {});
    },
  };
}
