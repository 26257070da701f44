/**
 * Looks at what an AMQP 1.0 peer sends before a library decodes it. A frame may claim to be of any size, and a value
 * in it to hold any number of others; believing such a claim costs the memory of the server. What passes here is
 * bounded by its own bytes.
 */

/** Why a peer is not worth listening to. */
export class AmqpViolation extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'AmqpViolation';
  }
}

const HEADER_BYTES = 8;
const PROTOCOL = 0x41_4d_51_50;
const DEEPEST = 16;

const TRANSFER = 0x14;
const DISPOSITION = 0x15;
/** `doff` counts words of four bytes, of which the header of a frame takes two. */
const FEWEST_WORDS = 2;

export interface AmqpBounds {
  /** Bytes of a frame. */
  readonly frameBytes: number;
  /** Highest channel number. */
  readonly channels: number;
  /** Deliveries that one disposition may settle. */
  readonly deliveries: number;
}

/** Cuts a stream into protocol headers and checked frames. */
export class AmqpFrameCutter {
  readonly #bounds: AmqpBounds;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bounds: AmqpBounds) {
    this.#bounds = bounds;
  }

  /** @returns what is complete now. @throws AmqpViolation; then nothing of this peer is to be believed any more */
  push(chunk: Buffer): Buffer[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole: Buffer[] = [];
    for (let size = this.#sizeOf(bytes); size !== undefined && bytes.length >= size; size = this.#sizeOf(bytes)) {
      const piece = bytes.subarray(0, size);
      if (piece.readUInt32BE() !== PROTOCOL) checkFrame(piece, this.#bounds);
      whole.push(piece);
      bytes = bytes.subarray(size);
    }
    // a copy, so that what is waited for does not keep the chunk before it
    this.#rest = Buffer.from(bytes);
    return whole;
  }

  #sizeOf(bytes: Buffer): number | undefined {
    if (bytes.length < 4) return undefined;
    const size = bytes.readUInt32BE();
    if (size === PROTOCOL) return HEADER_BYTES;
    if (size < HEADER_BYTES || size > this.#bounds.frameBytes) throw new AmqpViolation(`a frame of ${size} bytes`);
    return size;
  }
}

function checkFrame(frame: Buffer, { channels, deliveries }: AmqpBounds): void {
  const start = frame.readUInt8(4) * 4;
  if (start < FEWEST_WORDS * 4 || start > frame.length) throw new AmqpViolation('a frame without a body');
  // an empty frame: the peer is alive
  if (start === frame.length) return;
  if (frame.readUInt8(5) === 0 && frame.readUInt16BE(6) > channels) throw new AmqpViolation('too high a channel');
  const { end, code, fields } = performative(frame, start);
  // nobody may send messages to the server, and rhea would decode one before it is refused
  if (code === TRANSFER) throw new AmqpViolation('a transfer to the server');
  if (end !== frame.length) throw new AmqpViolation('a frame with more than its performative');
  if (code !== DISPOSITION) return;
  const [, first, last = first] = fields;
  if (first === undefined || last === undefined || last - first >= deliveries) {
    throw new AmqpViolation('a disposition of too many deliveries');
  }
}

/** The described list that a frame holds; `fields` has the numbers in it, undefined for anything else. */
function performative(buffer: Buffer, start: number) {
  if (byteAt(buffer, start) !== 0) throw new AmqpViolation('a frame without a performative');
  const descriptor = value(buffer, start + 1, DEEPEST);
  const at = descriptor.end;
  const fields: (number | undefined)[] = [];
  const { end } = value(buffer, at, DEEPEST, fields);
  return { end, code: descriptor.number, fields };
}

interface Walked {
  /** Offset behind the value. */
  readonly end: number;
  /** Of an unsigned integer. */
  readonly number?: number | undefined;
}

const byteAt = (buffer: Buffer, at: number): number => {
  const byte = buffer[at];
  if (byte === undefined) throw new AmqpViolation('a value that goes on behind its frame');
  return byte;
};

/** Walks over one value (AMQP 1.0, 1.2). @param fields filled with the numbers of a list */
function value(buffer: Buffer, at: number, depth: number, fields?: (number | undefined)[]): Walked {
  if (depth === 0) throw new AmqpViolation('values nested too deeply');
  const code = byteAt(buffer, at);
  if (code === 0) {
    const descriptor = value(buffer, at + 1, depth - 1);
    return { end: value(buffer, descriptor.end, depth - 1).end };
  }
  return body(buffer, code, at + 1, depth, fields);
}

/** Walks over a value whose constructor `code` has been read. */
function body(buffer: Buffer, code: number, at: number, depth: number, fields?: (number | undefined)[]): Walked {
  const kind = code >> 4;
  // fixed widths of 0, 1, 2, 4, 8 and 16 bytes
  if (kind >= 4 && kind <= 9) {
    const width = kind === 4 ? 0 : 2 ** (kind - 5);
    return { end: within(buffer, at, width), number: numberOf(buffer, code, at) };
  }
  if (kind < 0xa) throw new AmqpViolation('an unknown type');
  const wide = kind % 2 === 1;
  const [head, size] = sized(buffer, at, wide);
  const end = within(buffer, head, size);
  if (kind <= 0xb) return { end };
  const [first, count] = sized(buffer, head, wide);
  if (first > end) throw new AmqpViolation('a value without room for its count');
  // none of the values that are meant has so many members; zero-width ones would cost nothing to claim
  if (count > end - first) throw new AmqpViolation('more values than bytes');
  const walked = kind <= 0xd ? list(buffer, first, count, depth, fields) : array(buffer, first, count, depth);
  if (walked !== end) throw new AmqpViolation('a value of another size than it says');
  return { end };
}

function list(buffer: Buffer, from: number, count: number, depth: number, fields?: (number | undefined)[]): number {
  let at = from;
  for (let index = 0; index < count; index += 1) {
    const member = value(buffer, at, depth - 1);
    fields?.push(member.number);
    at = member.end;
  }
  return at;
}

function array(buffer: Buffer, from: number, count: number, depth: number): number {
  let at = from;
  let code = byteAt(buffer, at);
  while (code === 0) {
    at = value(buffer, at + 1, depth - 1).end;
    code = byteAt(buffer, at);
  }
  at += 1;
  for (let index = 0; index < count; index += 1) at = body(buffer, code, at, depth - 1).end;
  return at;
}

function within(buffer: Buffer, at: number, size: number): number {
  if (at + size > buffer.length) throw new AmqpViolation('a value that goes on behind its frame');
  return at + size;
}

function sized(buffer: Buffer, at: number, wide: boolean): [end: number, size: number] {
  const end = within(buffer, at, wide ? 4 : 1);
  return [end, wide ? buffer.readUInt32BE(at) : buffer.readUInt8(at)];
}

/** `uint` and `ulong` in each of their encodings. */
function numberOf(buffer: Buffer, code: number, at: number): number | undefined {
  if (code === 0x43 || code === 0x44) return 0;
  if (code === 0x52 || code === 0x53) return buffer.readUInt8(at);
  if (code === 0x70) return buffer.readUInt32BE(at);
  if (code === 0x80) return Number(buffer.readBigUInt64BE(at));
  return undefined;
}
