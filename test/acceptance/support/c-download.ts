import { createHash } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { textual } from './c-device.ts';

/** As its source has it: polynomial 0x8005 reflected, bit by bit (device-protocol 3.8). */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

export interface CDownload {
  readonly names: string;
  /** The upgrade message. */
  readonly notice: string;
  /** Bytes asked for at a time; 5,120 by default, 10,240 in the demo. */
  readonly blockBytes: number;
  /** Between a request and its repetition; 10 s in the SDK. */
  readonly repeatMs: number;
  /** Answers that get lost on their way, by their number. */
  readonly lost?: readonly number[];
  /** Called after each block. */
  readonly onBlock?: (count: number) => Promise<void>;
}

/**
 * A download as C 4.2 does it (device-protocol 3.8, 4.4): JSON with a trailing comma, the last block cut to what is left,
 * each frame checked, a lost answer asked for again at most three times, progress every 5 per cent, MD5 at the end.
 * Rejects where the SDK would report -3 or -4.
 */
export async function downloadAsCSdk(client: MqttClient, options: CDownload): Promise<Buffer> {
  const { names, notice, blockBytes } = options;
  if (textual(notice, 'dProtocol') !== 'mqtt') throw new Error(`no download over MQTT in ${notice}`);
  if (notice.includes('"url"')) throw new Error('a URL beside dProtocol');
  const [size, streamId, fileId] = ['size', 'streamId', 'streamFileId'].map((key) => Number(textual(notice, key)));
  const whole = Buffer.alloc(size ?? 0);
  let percent = 0;
  let answers = 0;
  for (let offset = 0, count = 0; offset < whole.length; ) {
    const wanted = Math.min(blockBytes, whole.length - offset);
    const text = `{"id":"${count + 1}","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":${streamId},"fileId":${fileId},},"fileBlock":{"size":${wanted},"offset":${offset}}}}`;
    const frame = await insist(client, options, text, () => !options.lost?.includes(++answers));
    const block = readFrame(frame, offset);
    if (block.length !== wanted) throw new Error(`${block.length} bytes instead of ${wanted}`);
    block.copy(whole, offset);
    offset += block.length;
    await options.onBlock?.(++count);
    const now = Math.floor((offset / whole.length) * 100);
    if (now - percent < 5 && now < 100) continue;
    percent = now;
    await client.publishAsync(`/ota/device/progress/${names}`, `{"id":2, "params":{"step":"${now}","desc":""}}`);
  }
  if (createHash('md5').update(whole).digest('hex') !== textual(notice, 'md5')) throw new Error('the digest is wrong');
  return whole;
}

/** Asks until an answer arrives, four times at most. */
async function insist(
  client: MqttClient,
  { names, repeatMs }: CDownload,
  text: string,
  arrives: () => boolean,
): Promise<Buffer> {
  const answer = Promise.withResolvers<Buffer>();
  const hear = (topic: string, payload: Buffer) => {
    if (topic === `/sys/${names}/thing/file/download_reply` && arrives()) answer.resolve(payload);
  };
  client.on('message', hear);
  let asked = 0;
  const ask = () => {
    if (asked++ === 4) answer.reject(new Error('no answer'));
    else client.publish(`/sys/${names}/thing/file/download`, text, { qos: 0 });
  };
  ask();
  const timer = setInterval(ask, repeatMs);
  try {
    return await answer.promise;
  } finally {
    clearInterval(timer);
    client.off('message', hear);
  }
}

function readFrame(frame: Buffer, offset: number): Buffer {
  const length = frame.readUInt16BE(0);
  const header = frame.toString('utf8', 2, 2 + length);
  if (textual(header, 'code') !== '200') throw new Error(`refused: ${header}`);
  const size = Number(textual(header, 'bSize'));
  if (frame.length !== 2 + length + size + 2) throw new Error('the length is wrong');
  if (Number(textual(header, 'bOffset')) !== offset) throw new Error('another block than asked for');
  const block = frame.subarray(2 + length, 2 + length + size);
  if (crc16(block) !== frame.readUInt16LE(frame.length - 2)) throw new Error('the checksum is wrong');
  return block;
}
