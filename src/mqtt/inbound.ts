import type { Reply } from '../domain/device-services.ts';
import type { DeviceMessage } from '../wire/device-messages.ts';

/** What the queue needs from its connection. */
export interface InboundLink {
  /** Resolves after the commit. */
  report(message: DeviceMessage): Promise<Reply[]>;
  /** Sends PUBACK; the reason code is for MQTT 5. */
  acknowledge(messageId: number, reasonCode: number): void;
  /** @param qos of the message that is answered */
  answer(message: DeviceMessage, replies: readonly Reply[], qos: number): void;
  /** A report was not stored; the queue has dropped what waited behind it. */
  failed(error: unknown): void;
  pauseReading(): void;
  resumeReading(): void;
}

interface Item {
  /** Not yet given to the rules. */
  waiting: DeviceMessage | undefined;
  /** 0 for a message at QoS 0, which is not acknowledged. */
  readonly messageId: number;
  readonly reasonCode: number;
  done: boolean;
  /** This message was overtaken by a newer one, which `by` carries: it is done when that is. */
  readonly by: Item | undefined;
}

/**
 * The messages of one connection, in order: one at a time goes to the rules, and PUBACKs leave in the order of arrival
 * (MQTT 4.6) and only after the commit. Of progress reports of one module that wait in a row only the newest is
 * recorded: C SDKs send a dozen within milliseconds (device-protocol 1.6, 4.1).
 */
export class Inbound {
  readonly #link: InboundLink;
  readonly #maxWaiting: number;
  #items: Item[] = [];
  /** By module, the waiting progress that a newer one may overtake; anything else that arrives ends the run. */
  #run: Map<string, Item> | undefined;
  #working: Promise<void> | undefined;
  #paused = false;

  /** @param maxWaiting messages kept before reading is paused */
  constructor(link: InboundLink, maxWaiting: number) {
    this.#link = link;
    this.#maxWaiting = maxWaiting;
  }

  /** A message for the rules. `messageId`: 0 at QoS 0. */
  report(message: DeviceMessage, messageId: number): void {
    const progress = message.kind === 'progress' && message.step >= 0 ? message : undefined;
    if (!progress) this.#run = undefined;
    const older = progress && this.#run?.get(progress.module);
    if (older) {
      older.waiting = message;
      if (messageId !== 0) this.#items.push({ waiting: undefined, messageId, reasonCode: 0, done: false, by: older });
    } else {
      const item: Item = { waiting: message, messageId, reasonCode: 0, done: false, by: undefined };
      this.#items.push(item);
      if (progress) {
        this.#run ??= new Map();
        this.#run.set(progress.module, item);
      }
    }
    if (!this.#paused && this.#items.length > this.#maxWaiting) {
      this.#paused = true;
      this.#link.pauseReading();
    }
    this.#working ??= this.#work();
  }

  /** A message that means nothing to the rules: acknowledged when its turn comes. */
  acknowledge(messageId: number, reasonCode: number): void {
    if (messageId === 0) return;
    this.#items.push({ waiting: undefined, messageId, reasonCode, done: true, by: undefined });
    this.#release();
  }

  /** Forgets what has not been given to the rules yet. */
  clear(): void {
    this.#items = [];
    this.#run = undefined;
  }

  /** Resolves when nothing is left to be recorded. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let item = this.#next(); item; item = this.#next()) {
      const message = item.waiting as DeviceMessage;
      item.waiting = undefined;
      if (message.kind === 'progress' && this.#run?.get(message.module) === item) this.#run.delete(message.module);
      try {
        const replies = await this.#link.report(message);
        item.done = true;
        this.#release();
        this.#link.answer(message, replies, item.messageId === 0 ? 0 : 1);
      } catch (error) {
        this.clear();
        this.#link.failed(error);
      }
    }
    this.#working = undefined;
  }

  #next(): Item | undefined {
    return this.#items.find((item) => item.waiting !== undefined);
  }

  #release(): void {
    let count = 0;
    for (const item of this.#items) {
      if (!(item.by ?? item).done) break;
      count++;
      if (item.messageId !== 0) this.#link.acknowledge(item.messageId, item.reasonCode);
    }
    this.#items.splice(0, count);
    if (this.#paused && this.#items.length <= this.#maxWaiting / 2) {
      this.#paused = false;
      this.#link.resumeReading();
    }
  }
}
