import { Client, type ClientConfig } from 'pg';
import type { Clock } from '../lib/clock.ts';
import { randomBelow } from '../lib/ids.ts';
import type { Nudge } from './engine.ts';
import { coalesce, decodeNudge, encodeNudges } from './nudges.ts';

/** The one channel of all nudges. */
const NUDGE_CHANNEL = 'otaru_nudge';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;
/** Transactions whose nudges wait at most: a connection that hangs must not cost memory. */
const WAITING = 10_000;

interface NudgeLineOptions {
  readonly config: ClientConfig;
  /** Name of this process in payloads; its own are passed over. */
  readonly self: string;
  readonly clock: Clock;
  readonly onNudge: (nudge: Nudge) => void;
  readonly onFault: (what: string, error: unknown) => void;
}

/** Nudges to and from the other processes on this database. Disposing sends what waits. */
export interface NudgeLine extends AsyncDisposable {
  /** Tells the others; together with what comes while the message before is on its way. */
  send(nudges: readonly Nudge[]): void;
}

/**
 * Listens and tells on a connection of its own and makes a new one whenever it is lost; nudges in between are lost,
 * too, as a nudge may be. Rejects only when the first connection fails.
 *
 * Not told in the transactions that they are about: PostgreSQL takes commits that notify one after the other, so that
 * they cannot share a write to disk. A transaction that does nothing but notify writes nothing (ADR 0020).
 */
export async function openNudgeLine(options: NudgeLineOptions): Promise<NudgeLine> {
  const { config, self, clock, onNudge, onFault } = options;
  let client: Client | undefined;
  let retry: Disposable | undefined;
  let connecting: Promise<void> | undefined;
  let closed = false;
  let waiting: (readonly Nudge[])[] = [];
  let sending: Promise<void> | undefined;

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
      client = undefined;
      if (closed) return;
      onFault('the connection for nudges was lost', undefined);
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

  async function sendWaiting(): Promise<void> {
    // those of the same moment go together
    await undefined;
    while (waiting.length > 0 && client) {
      const payloads = encodeNudges(self, coalesce(waiting.flat()));
      waiting = [];
      try {
        await client.query('select pg_notify($1, payload) from unnest($2::text[]) as payload', [
          NUDGE_CHANNEL,
          payloads,
        ]);
      } catch (error) {
        onFault('nudges for other processes were lost', error);
      }
    }
    waiting = [];
    sending = undefined;
  }

  await connect();
  return {
    send(nudges) {
      if (nudges.length === 0 || waiting.length >= WAITING) return;
      waiting.push(nudges);
      sending ??= sendWaiting();
    },
    async [Symbol.asyncDispose]() {
      await sending;
      closed = true;
      retry?.[Symbol.dispose]();
      await connecting;
      await client?.end().catch(() => {});
    },
  };
}
