import type { Deps } from '../domain/deps.ts';
import { webhookOfConsumer } from '../domain/event-deliveries.ts';
import { type Attempts, claimAttempts, settleAttempt, webhooksToServe } from '../domain/webhook-attempts.ts';
import { completeRoutes } from '../domain/webhooks.ts';
import { every } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import type { Send } from './webhook-sender.ts';

/** How often is looked for what has come due, and for what nudges have missed. */
const POLL_MS = 1_000;
/** Attempts of one endpoint at once. A failure halves the number, a success adds one. */
const WIDEST = 8;
/** At the end of the process attempts under way get so long to come to their end. */
const GRACE_MS = 3_000;

interface WebhooksDeps extends Pick<Deps, 'engine' | 'clock' | 'vault'> {
  readonly log: Log;
  readonly meters?: Meters;
  readonly send: Send;
}

/** What this node is doing for one endpoint. */
interface Lane {
  /** Attempts under way. */
  active: number;
  /** How many there may be. */
  window: number;
  /** Claims follow each other; one that was asked for meanwhile is made afterwards. */
  claiming: boolean;
  again: boolean;
}

/**
 * Sends events to the endpoints that are on. Each has a lane of its own, so that one that is slow or dead holds up no
 * other. Any number of nodes may do this: a claim gives an attempt to one of them.
 */
export async function startWebhooks(deps: WebhooksDeps): Promise<AsyncDisposable> {
  const { engine, clock, log, send, meters = noMeters } = deps;
  const lanes = new Map<string, Lane>();
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  let stopped = false;

  const track = (work: Promise<void>) => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };

  function ring(id: string): void {
    if (stopped) return;
    const lane = lanes.get(id) ?? { active: 0, window: WIDEST, claiming: false, again: false };
    lanes.set(id, lane);
    lane.again = true;
    if (!lane.claiming) track(fill(id, lane));
  }

  /** Begins as many attempts as the lane has room for. */
  async function fill(id: string, lane: Lane): Promise<void> {
    lane.claiming = true;
    while (lane.again && !stopped && room(lane) > 0) {
      lane.again = false;
      const wanted = room(lane);
      let claimed: Attempts | undefined;
      try {
        claimed = await claimAttempts(deps, id, wanted);
        // switched off, removed or left alone for a while: begins anew when it is back
        if (!claimed) lane.window = WIDEST;
      } catch (err) {
        log.error({ err, webhookId: id }, 'could not look for events to send; they are looked for again');
      }
      const { target, messages } = claimed ?? { target: undefined, messages: [] };
      if (target) for (const { claim, message } of messages) track(attempt(id, lane, target, claim, message));
      // there may be more than was asked for; the end of an attempt looks again
      lane.again ||= messages.length === wanted;
    }
    lane.claiming = false;
    forget(id, lane);
  }

  async function attempt(
    id: string,
    lane: Lane,
    target: Attempts['target'],
    claim: Attempts['messages'][number]['claim'],
    message: Attempts['messages'][number]['message'],
  ): Promise<void> {
    lane.active += 1;
    const measured = meters.webhookAttempt();
    const answer = await send(target, message, stop.signal);
    let outcome: Parameters<typeof measured>[0] = 'lost';
    try {
      const { verdict, switchedOff } = await settleAttempt(deps, id, claim, answer);
      outcome = verdict?.state ?? outcome;
      lane.window = verdict?.state === 'done' ? Math.min(lane.window + 1, WIDEST) : Math.max(1, lane.window >> 1);
      if (verdict?.state === 'dead') {
        log.warn({ webhookId: id, eventId: claim.eventId, why: verdict.note }, 'an event could not be delivered');
      }
      if (switchedOff !== undefined) log.warn({ webhookId: id, why: switchedOff }, 'a webhook was switched off');
    } catch (err) {
      log.error(
        { err, webhookId: id, eventId: claim.eventId },
        'what came of a delivery was not noted; it is repeated',
      );
    }
    measured(outcome);
    lane.active -= 1;
    if (lane.again) ring(id);
    else forget(id, lane);
  }

  /** A lane without work that remembers nothing need not be kept. */
  function forget(id: string, lane: Lane): void {
    if (lane.active === 0 && !lane.claiming && !lane.again && lane.window === WIDEST) lanes.delete(id);
  }

  await completeRoutes(deps);
  const bell = engine.onNudge((nudge) => {
    if (nudge.kind !== 'event') return;
    for (const consumer of nudge.consumers) {
      const id = webhookOfConsumer(consumer);
      if (id !== undefined) ring(id);
    }
  });
  const poll = every(clock, POLL_MS, async () => {
    try {
      for (const id of await webhooksToServe(deps)) ring(id);
    } catch (err) {
      log.error({ err }, 'could not look for webhooks with events to send; they are looked for again');
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      bell[Symbol.dispose]();
      await poll[Symbol.asyncDispose]();
      using _ = clock.after(GRACE_MS, () => stop.abort());
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

const room = ({ window, active }: Lane) => window - active;
