import { randomBelow } from '../lib/ids.ts';
import { type Claim, claimDeliveries, settleClaim } from '../store/queries/event-deliveries.ts';
import { dueWebhooks, findWebhook, noteFailure, noteSuccess, updateWebhook } from '../store/queries/webhooks.ts';
import { type WebhookMessage, webhookBody } from '../wire/standard-webhooks.ts';
import type { Deps } from './deps.ts';
import { webhookConsumer } from './event-deliveries.ts';
import { switchOff, targetOf, type WebhookTarget } from './webhooks.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** From the look-up of the name to the end of the answer (storage-and-events 4.2). */
export const ATTEMPT_MS = 15 * SECOND;
/** An attempt is made by one node; when it has died, another one repeats it after this. */
const CLAIM_MS = 30 * SECOND;
/** Before the second attempt, the third, and so on: a little over 75 hours in all (storage-and-events 4.2). */
const DELAYS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/** Waiting times are longer by up to a fifth, so that what failed together does not come back together. */
const JITTER = 5;
/** A receiver is left alone for no longer than this, whatever it asks for. */
const LONGEST_HOLD_MS = HOUR;
/** An endpoint is switched off when nothing has succeeded for so long. */
const GIVE_UP_MS = 5 * 24 * HOUR;

/** What came of one attempt. */
export type AttemptResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** How long the receiver asks to be left alone. */
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Called off by us; the receiver may have got it. */
  | { readonly kind: 'stopped' };

/** What follows from the result of an attempt. */
export type Verdict = (
  | { readonly state: 'done' | 'dead' }
  | {
      readonly state: 'due';
      /** To the next attempt. */
      readonly afterMs: number;
    }
) & {
  /** For the log of deliveries. */
  readonly note: string;
  /** How long nothing is to be sent to the endpoint. */
  readonly holdMs?: number;
  /** The receiver says that there is no such endpoint any more. */
  readonly gone?: true;
};

const busy: ReadonlySet<number> = new Set([429, 502, 504]);

/**
 * Only 2xx is success (storage-and-events 4.2).
 * @param attempts begun so far, this one included
 * @param random from 0 to `below` - 1
 */
export function judge(
  result: Exclude<AttemptResult, { kind: 'stopped' }>,
  attempts: number,
  random: (below: number) => number = randomBelow,
): Verdict {
  const answered = result.kind === 'answered' ? result : undefined;
  const status = answered?.status ?? 0;
  if (status >= 200 && status < 300) return { state: 'done', note: `answered ${status}` };
  const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  const note = result.kind === 'failed' ? result.reason : `answered ${status}${redirect}`;
  const asked = busy.has(status) ? answered?.retryAfterMs : undefined;
  const holdMs = asked === undefined ? undefined : Math.min(asked, LONGEST_HOLD_MS);
  const more = {
    note,
    ...(holdMs === undefined ? {} : { holdMs }),
    ...(status === 410 ? { gone: true as const } : {}),
  };
  const delay = DELAYS_MS[attempts - 1];
  if (delay === undefined) return { state: 'dead', ...more };
  const afterMs = Math.max(delay + random(Math.floor(delay / JITTER)), holdMs ?? 0);
  return { state: 'due', afterMs, ...more };
}

type AttemptDeps = Pick<Deps, 'engine' | 'clock' | 'vault'>;

/** Endpoints that have something to be told now. */
export async function webhooksToServe({ engine, clock }: Pick<Deps, 'engine' | 'clock'>): Promise<string[]> {
  return dueWebhooks(engine.read, clock.now());
}

export interface Attempts {
  readonly target: WebhookTarget;
  readonly messages: readonly { readonly claim: Claim; readonly message: WebhookMessage }[];
}

/** Claims up to `limit` messages that an endpoint is to be sent now; each counts as an attempt from here on. */
export async function claimAttempts(deps: AttemptDeps, id: string, limit: number): Promise<Attempts | undefined> {
  const now = deps.clock.now();
  const claimed = await deps.engine.transaction(async (tx) => {
    const webhook = await findWebhook(tx.db, id);
    if (!webhook || webhook.disabled_at !== null || webhook.hold_until > now) return undefined;
    const bounds = { now, until: now + CLAIM_MS, limit };
    return { webhook, events: await claimDeliveries(tx, webhookConsumer(id), bounds) };
  });
  if (!claimed) return undefined;
  const messages = claimed.events.map(({ claim, event: { id: eventId, type, topic, payload, created_at } }) => ({
    claim,
    // the same id on every attempt: receivers know by it what they have seen
    message: { id: `msg_${eventId}`, body: webhookBody({ type, topic, payload, createdAt: created_at }) },
  }));
  return { target: targetOf(deps, claimed.webhook), messages };
}

/** What an operator should hear of. */
export interface Settled {
  readonly verdict: Verdict | undefined;
  /** Why the endpoint was switched off by this. */
  readonly switchedOff?: string;
}

/** Writes what came of an attempt. A claim that was lost meanwhile changes nothing. */
export async function settleAttempt(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  id: string,
  claim: Claim,
  result: AttemptResult,
): Promise<Settled> {
  // jitter is drawn once, also when the transaction is run again
  const verdict = result.kind === 'stopped' ? undefined : judge(result, claim.attempts);
  return engine.transaction(async (tx): Promise<Settled> => {
    const now = clock.now();
    if (!verdict) {
      // an attempt that we broke off is none
      const again = { due_at: now, attempts: claim.attempts - 1, note: 'the server was stopped', modified_at: now };
      await settleClaim(tx.db, claim, again);
      return { verdict };
    }
    const { state, note } = verdict;
    const due_at = verdict.state === 'due' ? now + verdict.afterMs : null;
    if (!(await settleClaim(tx.db, claim, { state, note, due_at, modified_at: now }))) return { verdict };
    if (state === 'done') {
      await noteSuccess(tx.db, id);
      return { verdict };
    }
    const failingSince = await noteFailure(tx.db, id, now);
    if (verdict.holdMs !== undefined) await updateWebhook(tx.db, id, { hold_until: now + verdict.holdMs });
    const why = verdict.gone
      ? 'the receiver answered 410'
      : failingSince !== undefined && now - failingSince >= GIVE_UP_MS
        ? 'nothing was delivered for 5 days'
        : undefined;
    if (why === undefined || !(await switchOff(tx, id, now, why))) return { verdict };
    return { verdict, switchedOff: why };
  });
}
