/**
 * Download over MQTT: a device asks for a file block by block on `thing/file/download`, and each answer is a frame of
 * JSON header, bytes and checksum on `thing/file/download_reply` (device-protocol 3.8).
 */

/** Bytes of a block; the last one of a file may be smaller than the least. */
export const LEAST_BLOCK = 256;
export const LARGEST_BLOCK = 131_072;

const MAX_UINT32 = 0xffff_ffff;
const MAX_TOKEN_CHARACTERS = 127;
/** Echoed in a header whose length has 16 bits. */
const MAX_ID_CHARACTERS = 1_000;

/** A block that a device asks for. */
export interface BlockRequest {
  readonly streamId: number;
  readonly fileId: number;
  /** Bytes, 1 to {@link LARGEST_BLOCK}. */
  readonly size: number;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
}

/** A message on `thing/file/download`. */
export interface BlockQuestion {
  readonly kind: 'block';
  readonly id: string;
  /** Echoed when there is one. */
  readonly fileToken: string | undefined;
  /** A text instead of a request says what is wrong with it; the device is told. */
  readonly request: BlockRequest | string;
}

/** A block of a file, or the reason why there is none. */
export type BlockOutcome =
  | { readonly ok: true; readonly fileLength: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: BlockErrorCode; readonly reason: string };

/** 460: the request is wrong. 404: the device has no such file to fetch now. */
export type BlockErrorCode = 404 | 460;

/**
 * Reads the members of a request. Numbers may come as texts, as devices that print everything with `%s` send them.
 * @returns undefined when no answer could refer to it
 */
export function readBlockQuestion(id: string, params: Readonly<Record<string, unknown>>): BlockQuestion | undefined {
  if (id.length > MAX_ID_CHARACTERS) return undefined;
  const { fileToken: token } = params;
  const wrong = (request: string): BlockQuestion => ({ kind: 'block', id, fileToken: undefined, request });
  if (token !== undefined && token !== null && typeof token !== 'string') return wrong('fileToken is not a text');
  if (token && token.length > MAX_TOKEN_CHARACTERS) {
    return wrong(`fileToken is longer than ${MAX_TOKEN_CHARACTERS} characters`);
  }
  return { kind: 'block', id, fileToken: token ?? undefined, request: readRequest(params) };
}

function readRequest(params: Readonly<Record<string, unknown>>): BlockRequest | string {
  const info = membersOf(params['fileInfo']);
  const block = membersOf(params['fileBlock']);
  const streamId = uint32(info['streamId']);
  const fileId = uint32(info['fileId']);
  const size = uint32(block['size']);
  const offset = uint32(block['offset']);
  if (streamId === undefined) return 'fileInfo.streamId is missing or not a number';
  if (fileId === undefined) return 'fileInfo.fileId is missing or not a number';
  if (size === undefined || size < 1 || size > LARGEST_BLOCK) {
    return `fileBlock.size is not ${LEAST_BLOCK} to ${LARGEST_BLOCK}`;
  }
  if (offset === undefined) return 'fileBlock.offset is missing or not a number';
  return { streamId, fileId, size, offset };
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function uint32(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= MAX_UINT32
    ? number
    : undefined;
}

/** The message with which a device asks for a block. */
export function encodeBlockRequest(id: string, request: BlockRequest): string {
  const { streamId, fileId, size, offset } = request;
  const params = { fileToken: 'default', fileInfo: { streamId, fileId }, fileBlock: { size, offset } };
  return JSON.stringify({ id, version: '1.0', params });
}

/** The frame that answers a request: header length, header, the block, its checksum. */
export function encodeBlockReply(question: Pick<BlockQuestion, 'id' | 'fileToken'>, outcome: BlockOutcome): Buffer {
  const { id, fileToken } = question;
  if (!outcome.ok) return frame({ id, code: outcome.code, msg: outcome.reason }, new Uint8Array());
  const { bytes, fileLength, offset } = outcome;
  return frame({ id, code: 200, data: { fileToken, fileLength, bOffset: offset, bSize: bytes.length } }, bytes);
}

function frame(header: object, bytes: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const whole = Buffer.allocUnsafe(2 + text.length + bytes.length + 2);
  whole.writeUInt16BE(text.length);
  text.copy(whole, 2);
  whole.set(bytes, 2 + text.length);
  whole.writeUInt16LE(crc16(bytes), whole.length - 2);
  return whole;
}

/** What a device reads from a frame. */
export interface BlockReply {
  readonly id: string;
  readonly code: number;
  /** The reason when the code is not 200. */
  readonly message: string;
  readonly offset: number;
  readonly fileLength: number;
  readonly bytes: Buffer;
}

/** Reads a frame as a device does. @returns a text that says why it is none: lengths or checksum do not fit */
export function decodeBlockReply(payload: Uint8Array): BlockReply | string {
  const whole = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (whole.length < 4 || whole.length < 4 + whole.readUInt16BE(0)) return 'the frame is too short';
  const bodyAt = 2 + whole.readUInt16BE(0);
  let header: Readonly<Record<string, unknown>>;
  try {
    header = membersOf(JSON.parse(whole.toString('utf8', 2, bodyAt)));
  } catch {
    return 'the header is not JSON';
  }
  const data = membersOf(header['data']);
  const bytes = whole.subarray(bodyAt, -2);
  if (bytes.length !== (uint32(data['bSize']) ?? 0)) return 'the length is not the one announced';
  if (crc16(bytes) !== whole.readUInt16LE(whole.length - 2)) return 'the checksum is wrong';
  return {
    id: String(header['id'] ?? ''),
    code: Number(header['code']),
    message: String(header['msg'] ?? ''),
    offset: uint32(data['bOffset']) ?? 0,
    fileLength: uint32(data['fileLength']) ?? 0,
    bytes,
  };
}

/** CRC-16/ARC by table: polynomial 0x8005 reflected, begins at 0; `123456789` gives 0xBB3D. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xa001 : 0);
  return crc;
});
