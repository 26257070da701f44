const MINUTE_MS = 60_000;

/** Counts what the consumers of a group acknowledge: how much it was within the last minute. */
export class MinuteCount {
  static readonly SLOT_MS = 10_000;
  readonly #slots: number[] = [0];

  add(): void {
    this.#slots[0] = (this.#slots[0] ?? 0) + 1;
  }

  /** To be called once every {@link MinuteCount.SLOT_MS}. */
  roll(): void {
    this.#slots.unshift(0);
    this.#slots.length = Math.min(this.#slots.length, MINUTE_MS / MinuteCount.SLOT_MS);
  }

  get total(): number {
    return this.#slots.reduce((sum, count) => sum + count, 0);
  }
}
