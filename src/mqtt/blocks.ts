import type { Clock } from '../lib/clock.ts';
import type { BlockOutcome, BlockQuestion } from '../wire/file-download.ts';
import type { GatewayLimits } from './limits.ts';

/** What a refused request counts, in blocks: what goes on asking for what it may not have is slowed down. */
const REFUSAL_COST = 20;

/** What the queue needs from its connection. */
export interface BlocksLink {
  readonly ended: boolean;
  /** The block, or why the device whose topic it is cannot have it. Rejects when it cannot be read. */
  answerBlock(question: BlockQuestion, topic: string): Promise<BlockOutcome>;
  /** Sends an answer; resolves when the system has taken the bytes, or the connection has ended. */
  sendBlock(topic: string, question: BlockQuestion, outcome: BlockOutcome): Promise<void>;
  complain(fields: object, message: string): void;
}

/**
 * The blocks of files that one connection asks for: read and sent one at a time, the next when the device has taken the
 * one before, and not faster than the limit. Requests beyond those that may wait are dropped: devices repeat what is
 * not answered within 10 seconds (device-protocol 3.8).
 */
export class Blocks {
  readonly #link: BlocksLink;
  readonly #clock: Clock;
  readonly #limits: Pick<GatewayLimits, 'waitingBlocks' | 'blocksPerSecond'>;
  readonly #waiting: { readonly topic: string; readonly question: BlockQuestion }[] = [];
  #working = false;
  /** When everything sent so far would be paid for at the permitted rate. */
  #paidAt = 0;

  constructor(link: BlocksLink, clock: Clock, limits: Pick<GatewayLimits, 'waitingBlocks' | 'blocksPerSecond'>) {
    this.#link = link;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @param topic of the answer */
  ask(topic: string, question: BlockQuestion): void {
    if (this.#waiting.length >= this.#limits.waitingBlocks) {
      this.#link.complain({ topic }, 'dropped a request for a block: too many wait');
      return;
    }
    this.#waiting.push({ topic, question });
    if (!this.#working) void this.#work();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#waiting.shift(); next && !this.#link.ended; next = this.#waiting.shift()) {
      await this.#turn();
      const { topic, question } = next;
      try {
        const outcome = await this.#link.answerBlock(question, topic);
        this.#pay(outcome.ok ? 1 : REFUSAL_COST);
        if (!outcome.ok) this.#link.complain({ topic, ...outcome }, 'refused a block of a file');
        await this.#link.sendBlock(topic, question, outcome);
      } catch (error) {
        this.#pay(REFUSAL_COST);
        if (!this.#link.ended) this.#link.complain({ topic, error }, 'could not read a block of a file');
      }
    }
    this.#working = false;
  }

  #pay(blocks: number): void {
    this.#paidAt = Math.max(this.#paidAt, this.#clock.now()) + (blocks * 1_000) / this.#limits.blocksPerSecond;
  }

  /** Waits while more than a second's worth has been sent in advance. */
  async #turn(): Promise<void> {
    const waitMs = this.#paidAt - this.#clock.now() - 1_000;
    if (waitMs > 0) await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
  }
}
