import type { Room } from './room.ts';

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

/** What may wait before a connection is read no further. */
export interface InboundBounds {
  readonly messages: number;
  /** Bytes of their payloads. */
  readonly bytes: number;
  /** Shared with the other connections. */
  readonly room: Room;
}

interface Item<Said> {
  /** Not yet given to the rules. */
  waiting: Said | undefined;
  /** What a newer message may overtake this one by. */
  readonly run: string | undefined;
  /** 0 for a message at QoS 0, which is not acknowledged. */
  readonly messageId: number;
  /** Of the payload. */
  bytes: number;
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
  readonly #bounds: InboundBounds;
  #items: Item<Said>[] = [];
  /** The waiting messages that a newer one may overtake; one that overtakes nothing ends the run when it arrives. */
  #run: Map<string, Item<Said>> | undefined;
  #working: Promise<void> | undefined;
  #paused = false;
  #bytes = 0;

  constructor(link: InboundLink<Said>, bounds: InboundBounds) {
    this.#link = link;
    this.#bounds = bounds;
  }

  /**
   * A message for the rules.
   * @param messageId 0 at QoS 0
   * @param bytes of its payload
   * @param run what it has in common with the messages that it overtakes, if it may overtake any
   */
  report(said: Said, messageId: number, bytes: number, run?: string): void {
    if (run === undefined) this.#run = undefined;
    const older = run === undefined ? undefined : this.#run?.get(run);
    if (older) {
      older.waiting = said;
      this.#drop(older);
      this.#hold(older, bytes);
      if (messageId !== 0) this.#add(itemOf(messageId, { by: older }), 0);
    } else {
      const item = itemOf<Said>(messageId, { waiting: said, run });
      this.#add(item, bytes);
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
    this.#add(itemOf(messageId, { reasonCode, done: true }), 0);
    this.#release();
    this.#bound();
  }

  /** Reads no further while too many wait, be it only for their acknowledgement. */
  #bound(): void {
    const { messages, bytes, room } = this.#bounds;
    const isOver = this.#items.length > messages || this.#bytes > bytes || room.isClosed;
    if (this.#paused || !isOver) return;
    this.#paused = true;
    this.#link.pauseReading();
    // what fills the room may be of others, and nothing of its own may be left to be stored
    if (room.isClosed) room.await(this.#resume);
  }

  #add(item: Item<Said>, bytes: number): void {
    this.#items.push(item);
    this.#hold(item, bytes);
  }

  #hold(item: Item<Said>, bytes: number): void {
    item.bytes = bytes;
    this.#bytes += bytes;
    this.#bounds.room.take(bytes);
  }

  #drop(item: Item<Said>): void {
    this.#bytes -= item.bytes;
    this.#bounds.room.give(item.bytes);
  }

  /** Forgets what has not been given to the rules yet. */
  clear(): void {
    const dropped = this.#items;
    this.#items = [];
    this.#run = undefined;
    for (const item of dropped) this.#drop(item);
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
    for (const item of this.#items.splice(0, count)) this.#drop(item);
    this.#resume();
  }

  /** The same function each time: the room keeps it once. */
  readonly #resume = (): void => {
    const { messages, bytes, room } = this.#bounds;
    if (!this.#paused || this.#items.length > messages / 2 || this.#bytes > bytes / 2) return;
    if (room.isClosed) return room.await(this.#resume);
    this.#paused = false;
    this.#link.resumeReading();
  };
}

const itemOf = <Said>(messageId: number, members: Partial<Item<Said>>): Item<Said> => ({
  waiting: undefined,
  run: undefined,
  messageId,
  bytes: 0,
  reasonCode: 0,
  done: false,
  by: undefined,
  ...members,
});
