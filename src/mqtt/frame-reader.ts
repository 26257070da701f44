const CONTINUES = 0x80;
const MAX_LENGTH_BYTES = 4;

/** Why a stream of bytes can no longer be read as packets. */
export type FrameFault = 'badLength' | 'tooLarge';

interface FrameHeader {
  /** Bytes before the remaining length counts. */
  readonly size: number;
  readonly remaining: number;
}

/** @returns undefined when more bytes are needed, 'badLength' when a fifth byte would be (MQTT 2.2.3) */
function readHeader(bytes: Buffer, at: number): FrameHeader | 'badLength' | undefined {
  let remaining = 0;
  for (let index = 0; index < MAX_LENGTH_BYTES; index++) {
    const byte = bytes[at + 1 + index];
    if (byte === undefined) return undefined;
    remaining += (byte & (CONTINUES - 1)) * 128 ** index;
    if (byte < CONTINUES) return { size: index + 2, remaining };
  }
  return 'badLength';
}

/**
 * Cuts a byte stream into whole MQTT packets, so that the codec sees one packet at a time and nothing behind it.
 * Refuses an oversized packet as soon as its header is there, and holds nothing between packets.
 */
export class FrameReader {
  readonly #maxRemaining: number;
  #held: Buffer | undefined;
  #heldLength = 0;
  #fault: FrameFault | undefined;

  /** @param maxRemaining greatest remaining length that is let through, in bytes */
  constructor(maxRemaining: number) {
    this.#maxRemaining = maxRemaining;
  }

  /** Set once and for ever; the packets before the fault have been returned. */
  get fault(): FrameFault | undefined {
    return this.#fault;
  }

  /** Takes the next bytes and returns the packets that they complete. */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    if (this.#fault) return frames;
    const bytes = this.#held ? this.#append(chunk) : chunk;
    let at = 0;
    while (at < bytes.length) {
      const header = readHeader(bytes, at);
      if (header === 'badLength') this.#fault = header;
      else if (header && header.remaining > this.#maxRemaining) this.#fault = 'tooLarge';
      if (this.#fault) {
        this.#held = undefined;
        return frames;
      }
      if (header === undefined || typeof header === 'string') break;
      const end = at + header.size + header.remaining;
      if (end > bytes.length) break;
      frames.push(bytes.subarray(at, end));
      at = end;
    }
    this.#keep(bytes, at, frames.length > 0);
    return frames;
  }

  #keep(bytes: Buffer, at: number, cut: boolean): void {
    if (this.#held && !cut) return;
    // frames point into what was held, so it is never written to again
    this.#heldLength = bytes.length - at;
    this.#held = this.#heldLength > 0 ? Buffer.from(bytes.subarray(at)) : undefined;
  }

  /** Grows by doubling: a peer that sends byte by byte must not cost the square of the packet. */
  #append(chunk: Buffer): Buffer {
    const length = this.#heldLength + chunk.length;
    let held = this.#held as Buffer;
    if (length > held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, held.length * 2));
      held.copy(grown, 0, 0, this.#heldLength);
      this.#held = held = grown;
    }
    chunk.copy(held, this.#heldLength);
    this.#heldLength = length;
    return held.subarray(0, length);
  }
}
