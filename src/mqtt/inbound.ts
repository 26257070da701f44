/** What became of a message. */
export interface Heard {
  /** Of PUBACK, for MQTT 5. */
  readonly reasonCode: number;
  /** Sends the answers. @param qos of the message that is answered */
  readonly answer: (qos: 0 | 1) => void;
}

/** What the queue needs from its connection. */
export interface InboundLink<Said> {
  /** Resolves after the commit. */
  hear(said: Said): Promise<Heard>;
  /** Sends PUBACK; the reason code is for MQTT 5. */
  acknowledge(messageId: number, reasonCode: number): void;
  /** A report was not stored; the queue has dropped what waited behind it. */
  failed(error: unknown): void;
  pauseReading(): void;
  resumeReading(): void;
}

interface Item<Said> {
  /** Not yet given to the rules. */
  waiting: Said | undefined;
  /** What a newer message may overtake this one by. */
  readonly run: string | undefined;
  /** 0 for a message at QoS 0, which is not acknowledged. */
  readonly messageId: number;
  reasonCode: number;
  done: boolean;
  /** This message was overtaken by a newer one, which `by` carries: it is done when that is. */
  readonly by: Item<Said> | undefined;
}

/**
 * The messages of one connection, in order: one at a time goes to the rules, and PUBACKs leave in the order of arrival
 * (MQTT 4.6) and only after the commit. Of reports that overtake each other and wait in a row, as
 * progress of one module does, only the newest is recorded: C SDKs send a dozen within milliseconds (device-protocol
 * 1.6, 4.1).
 */
export class Inbound<Said> {
  readonly #link: InboundLink<Said>;
  readonly #maxWaiting: number;
  #items: Item<Said>[] = [];
  /** The waiting messages that a newer one may overtake; one that overtakes nothing ends the run when it arrives. */
  #run: Map<string, Item<Said>> | undefined;
  #working: Promise<void> | undefined;
  #paused = false;

  /** @param maxWaiting messages kept before reading is paused */
  constructor(link: InboundLink<Said>, maxWaiting: number) {
    this.#link = link;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * A message for the rules.
   * @param messageId 0 at QoS 0
   * @param run what it has in common with the messages that it overtakes, if it may overtake any
   */
  report(said: Said, messageId: number, run?: string): void {
    if (run === undefined) this.#run = undefined;
    const older = run === undefined ? undefined : this.#run?.get(run);
    if (older) {
      older.waiting = said;
      if (messageId !== 0) this.#items.push(itemOf(messageId, { by: older }));
    } else {
      const item = itemOf<Said>(messageId, { waiting: said, run });
      this.#items.push(item);
      if (run !== undefined) {
        this.#run ??= new Map();
        this.#run.set(run, item);
      }
    }
    this.#bound();
    this.#working ??= this.#work();
  }

  /** A message that means nothing to the rules: acknowledged when its turn comes. */
  acknowledge(messageId: number, reasonCode: number): void {
    if (messageId === 0) return;
    this.#items.push(itemOf(messageId, { reasonCode, done: true }));
    this.#release();
    this.#bound();
  }

  /** Reads no further while too many wait, be it only for their acknowledgement. */
  #bound(): void {
    if (this.#paused || this.#items.length <= this.#maxWaiting) return;
    this.#paused = true;
    this.#link.pauseReading();
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
      const said = item.waiting as Said;
      item.waiting = undefined;
      if (item.run !== undefined && this.#run?.get(item.run) === item) this.#run.delete(item.run);
      try {
        const heard = await this.#link.hear(said);
        item.reasonCode = heard.reasonCode;
        item.done = true;
        this.#release();
        heard.answer(item.messageId === 0 ? 0 : 1);
      } catch (error) {
        this.clear();
        this.#link.failed(error);
      }
    }
    this.#working = undefined;
  }

  #next(): Item<Said> | undefined {
    return this.#items.find((item) => item.waiting !== undefined);
  }

  #release(): void {
    let count = 0;
    for (const item of this.#items) {
      const { done, reasonCode } = item.by ?? item;
      if (!done) break;
      count++;
      if (item.messageId !== 0) this.#link.acknowledge(item.messageId, reasonCode);
    }
    this.#items.splice(0, count);
    if (this.#paused && this.#items.length <= this.#maxWaiting / 2) {
      this.#paused = false;
      this.#link.resumeReading();
    }
  }
}

const itemOf = <Said>(messageId: number, members: Partial<Item<Said>>): Item<Said> => ({
  waiting: undefined,
  run: undefined,
  messageId,
  reasonCode: 0,
  done: false,
  by: undefined,
  ...members,
});
