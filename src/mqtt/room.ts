/** What may wait at a time. */
export interface RoomBounds {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * The room that the messages of all connections together have while they wait to be stored. From when it is full until
 * half of it is free again, whoever sends is not read: the network keeps what is on its way, and then the devices do.
 */
export class Room {
  readonly #bounds: RoomBounds;
  readonly #paused = new Set<() => void>();
  #messages = 0;
  #bytes = 0;
  #isClosed = false;

  constructor(bounds: RoomBounds) {
    this.#bounds = bounds;
  }

  get messages(): number {
    return this.#messages;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  take(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
    const { messages, bytes: mostBytes } = this.#bounds;
    if (this.#messages >= messages || this.#bytes >= mostBytes) this.#isClosed = true;
  }

  give(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    const { messages, bytes: mostBytes } = this.#bounds;
    if (!this.#isClosed || this.#messages > messages / 2 || this.#bytes > mostBytes / 2) return;
    this.#isClosed = false;
    const paused = [...this.#paused];
    this.#paused.clear();
    for (const resume of paused) resume();
  }

  /** @param resume called once when there is room again */
  await(resume: () => void): void {
    this.#paused.add(resume);
  }
}
