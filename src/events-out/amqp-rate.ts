import type { Clock } from '../lib/clock.ts';

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

/** How many consumers of each group may connect within a calendar minute (storage-and-events 3.2). */
export class ConnectRate {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #counts = new Map<string, number>();
  #minute = 0;

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** @returns false when there were too many already */
  take(consumer: string): boolean {
    const minute = Math.floor(this.#clock.now() / MINUTE_MS);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const count = (this.#counts.get(consumer) ?? 0) + 1;
    this.#counts.set(consumer, count);
    return count <= this.#perMinute;
  }
}
