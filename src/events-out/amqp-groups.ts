import type { ConsumerMessage, ConsumerServices } from '../domain/consumer-services.ts';
import type { Clock } from '../lib/clock.ts';
import { randomBelow } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { nextTurn } from '../lib/next-turn.ts';
import type { AmqpConnection } from './amqp-connection.ts';

/** Messages that are claimed in one transaction. */
const CLAIM = 500;
/** Before what came of messages is written again, after that has failed. */
const AGAIN_MS = 1_000;

interface GroupDeps {
  readonly services: ConsumerServices;
  readonly clock: Clock;
  readonly log: Log;
}

/** The consumers of one group that are connected here: what it is to be told goes to one of them. */
export class AmqpGroup {
  readonly #deps: GroupDeps;
  readonly #consumer: string;
  readonly #connections = new Set<AmqpConnection>();
  #outcome = emptyOutcome();
  #pumping: Promise<void> | undefined;
  #again = false;
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: GroupDeps, consumer: string) {
    this.#deps = deps;
    this.#consumer = consumer;
  }

  add(connection: AmqpConnection): void {
    this.#connections.add(connection);
  }

  remove(connection: AmqpConnection): void {
    this.#connections.delete(connection);
  }

  get connections(): ReadonlySet<AmqpConnection> {
    return this.#connections;
  }

  /** Nobody is connected and nothing is under way. */
  get idle(): boolean {
    return this.#connections.size === 0 && !this.#pumping && !this.#writing;
  }

  /** Looks for messages, now or after the look that is under way. Resolves when there are none left, or no room. */
  async pump(): Promise<void> {
    this.#again = true;
    if (this.#stopped) return;
    this.#pumping ??= this.#run()
      .catch((err) => this.#deps.log.error({ err }, 'messages could not be claimed; it is tried again'))
      .finally(() => {
        this.#pumping = undefined;
        // somebody asked in between
        if (this.#again) void this.pump();
      });
    await this.#pumping;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const room = this.#ready().reduce((sum, connection) => sum + connection.room, 0);
      if (room === 0) break;
      const limit = Math.min(room, CLAIM);
      const messages = await this.#deps.services.claim(this.#consumer, limit);
      for (const message of messages) this.#hand(message);
      if (messages.length === limit) this.#again = true;
      // rhea writes before the next round
      await nextTurn();
    }
  }

  #ready(): AmqpConnection[] {
    return [...this.#connections].filter((connection) => connection.room > 0);
  }

  /** To one that has room, whichever. */
  #hand(message: ConsumerMessage): void {
    const ready = this.#ready();
    if (ready[randomBelow(Math.max(1, ready.length))]?.send(message)) return;
    this.#outcome.unsent.push(message.eventId);
    this.#write();
  }

  settled(message: ConsumerMessage, accepted: boolean): void {
    (accepted ? this.#outcome.accepted : this.#outcome.failed).push(message.eventId);
    this.#write();
  }

  /** Writes what has come of messages; what comes meanwhile is written together, next. */
  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    // what comes in the same turn goes with it
    await nextTurn();
    for (let failures = 0; !isEmpty(this.#outcome); ) {
      const outcome = this.#outcome;
      this.#outcome = emptyOutcome();
      try {
        await this.#deps.services.settle(this.#consumer, outcome);
        failures = 0;
      } catch (err) {
        this.#deps.log.error({ err }, 'what came of messages could not be written; it is tried again');
        // claims run out by themselves: what is lost here is sent a second time
        failures += 1;
        if (this.#stopped || failures === 5) return;
        this.#outcome = merged(outcome, this.#outcome);
        await new Promise<void>((resolve) => void this.#deps.clock.after(AGAIN_MS, resolve));
      }
    }
  }

  /** Claims nothing more; resolves when what is claimed has been handed out. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#pumping;
  }

  /** Resolves when all that came of messages is written, or never will be. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }
}

interface Outcome {
  readonly accepted: string[];
  readonly failed: string[];
  readonly unsent: string[];
}

const emptyOutcome = (): Outcome => ({ accepted: [], failed: [], unsent: [] });
const isEmpty = (outcome: Outcome) => Object.values(outcome).every((events: string[]) => events.length === 0);
const merged = (a: Outcome, b: Outcome): Outcome => ({
  accepted: [...a.accepted, ...b.accepted],
  failed: [...a.failed, ...b.failed],
  unsent: [...a.unsent, ...b.unsent],
});
