import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDeviceMessage } from '../../../src/wire/device-messages.ts';
import {
  type BlockQuestion,
  crc16,
  decodeBlockReply,
  encodeBlockReply,
  encodeBlockRequest,
} from '../../../src/wire/file-download.ts';

const ask = (text: string) => decodeDeviceMessage('fileDownload', Buffer.from(text));
const params = (changes: { fileInfo?: object; fileBlock?: object; fileToken?: unknown } = {}) => ({
  fileToken: 'default',
  fileInfo: { streamId: 27367, fileId: 1 },
  fileBlock: { size: 5120, offset: 0 },
  ...changes,
});
const request = { streamId: 27367, fileId: 1, size: 5120, offset: 0 };

describe('a request for a block (device-protocol 3.8)', () => {
  it.each([
    [
      'as documented',
      '{"id":"1","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":27367,"fileId":1},"fileBlock":{"size":5120,"offset":0}}}',
      { id: '1', fileToken: 'default' },
    ],
    [
      'with the trailing comma of C 4.2 and the NUL of a C string',
      '{"id":"1","version":"1.0","params":{"fileToken":"default","fileInfo":{"streamId":27367,"fileId":1,},"fileBlock":{"size":5120,"offset":0}}}\0',
      { id: '1', fileToken: 'default' },
    ],
    [
      'with a bare id, numbers as texts and no token',
      '{"id": 7,"params": {"fileInfo":{"streamId":"27367","fileId":"1"},"fileBlock":{"size":"5120","offset":"0"}}}',
      { id: '7', fileToken: undefined },
    ],
  ])('is understood %s', (_, text, expected) => {
    expect(ask(text)).toEqual({ kind: 'block', ...expected, request });
  });

  it.each([
    ['fileInfo.streamId', params({ fileInfo: { fileId: 1 } })],
    ['fileInfo.streamId', params({ fileInfo: { streamId: -1, fileId: 1 } })],
    ['fileInfo.streamId', params({ fileInfo: { streamId: 2 ** 32, fileId: 1 } })],
    ['fileInfo.streamId', params({ fileInfo: [] })],
    ['fileInfo.fileId', params({ fileInfo: { streamId: 1, fileId: 1.5 } })],
    ['fileBlock.size', params({ fileBlock: { size: 0, offset: 0 } })],
    ['fileBlock.size', params({ fileBlock: { size: 131_073, offset: 0 } })],
    ['fileBlock.size', params({ fileBlock: { offset: 0 } })],
    ['fileBlock.offset', params({ fileBlock: { size: 256, offset: -1 } })],
    ['fileBlock.offset', params({ fileBlock: { size: 256, offset: '1e3' } })],
    ['fileToken', params({ fileToken: 'x'.repeat(128) })],
    ['fileToken', params({ fileToken: 7 })],
  ])('is answered with a reason when %s is wrong', (what, wrong) => {
    const question = ask(JSON.stringify({ id: '1', params: wrong }));
    expect(question).toMatchObject({ kind: 'block', id: '1', request: expect.stringContaining(what) });
  });

  it('takes a token of 127 characters', () => {
    const fileToken = 'x'.repeat(127);
    expect(ask(JSON.stringify({ id: '1', params: params({ fileToken }) }))).toMatchObject({ fileToken, request });
  });

  it.each(['', 'null', '[]', '{"params":[]}', JSON.stringify({ id: 'x'.repeat(1_001), params: params() })])(
    'is dropped when nothing could be answered: %j',
    (text) => {
      expect(ask(text).kind).toBe('malformed');
    },
  );

  it('never throws, whatever the bytes are, and its answer is always a frame', () => {
    const frames = (payload: Uint8Array) => {
      const question = decodeDeviceMessage('fileDownload', payload);
      if (question.kind !== 'block') return;
      const reason = typeof question.request === 'string' ? question.request : 'no such file';
      expect(decodeBlockReply(encodeBlockReply(question, { ok: false, code: 460, reason }))).toMatchObject({
        id: question.id,
        code: 460,
        message: reason,
      });
    };
    fc.assert(fc.property(fc.uint8Array(), frames));
    fc.assert(fc.property(fc.jsonValue(), (value) => frames(Buffer.from(JSON.stringify(value)))));
    const member = fc.oneof(fc.jsonValue(), fc.integer(), fc.string());
    const close = fc.record({
      fileToken: fc.oneof(fc.string({ maxLength: 200 }), member),
      fileInfo: fc.oneof(fc.record({ streamId: member, fileId: member }), member),
      fileBlock: fc.oneof(fc.record({ size: member, offset: member }), member),
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), close, (id, wrong) =>
        frames(Buffer.from(JSON.stringify({ id, params: wrong }))),
      ),
    );
  });

  it('is what a device encodes', () => {
    const uint32 = fc.nat(2 ** 31);
    const some = fc.record({
      streamId: uint32,
      fileId: uint32,
      size: fc.integer({ min: 1, max: 131_072 }),
      offset: uint32,
    });
    fc.assert(
      fc.property(some, (wanted) => {
        expect(ask(encodeBlockRequest('9', wanted))).toMatchObject({ id: '9', request: wanted });
      }),
    );
  });
});

describe('the frame of a block (device-protocol 3.8)', () => {
  const question: Pick<BlockQuestion, 'id' | 'fileToken'> = { id: '1', fileToken: 'default' };
  const hello = { ok: true, fileLength: 5, offset: 0, bytes: Buffer.from('hello') } as const;

  it('is the worked example', () => {
    expect(encodeBlockReply(question, hello).toString('hex')).toBe(
      '00597b226964223a2231222c22636f6465223a3230302c2264617461223a7b2266696c65546f6b656e223a' +
        '2264656661756c74222c2266696c654c656e677468223a352c22624f6666736574223a302c226253697a65223a' +
        '357d7d68656c6c6fd234',
    );
  });

  it('has the checksum CRC-16/ARC', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0xbb3d);
    expect(crc16(Buffer.from('hello'))).toBe(0x34d2);
    expect(crc16(new Uint8Array())).toBe(0);
  });

  it('leaves the token out when none was sent', () => {
    const frame = encodeBlockReply({ id: '1', fileToken: undefined }, hello);
    expect(frame.toString('utf8', 2, 2 + frame.readUInt16BE())).toBe(
      '{"id":"1","code":200,"data":{"fileLength":5,"bOffset":0,"bSize":5}}',
    );
  });

  it('carries no bytes when it refuses', () => {
    const frame = encodeBlockReply(question, { ok: false, code: 404, reason: 'no such file' });
    expect(frame.toString('latin1', 2)).toBe('{"id":"1","code":404,"msg":"no such file"}\0\0');
    expect(decodeBlockReply(frame)).toMatchObject({ code: 404, message: 'no such file', bytes: Buffer.alloc(0) });
  });

  it('is read back as it was written, and refused when a byte is lost or changed', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(fc.string(), bytes, fc.nat(2 ** 31), fc.nat(), (id, block, offset, at) => {
        const frame = encodeBlockReply(
          { id, fileToken: 'default' },
          { ok: true, fileLength: offset + block.length, offset, bytes: block },
        );
        expect(decodeBlockReply(frame)).toEqual({
          id: id.toWellFormed(),
          code: 200,
          message: '',
          offset,
          fileLength: offset + block.length,
          bytes: Buffer.from(block),
        });
        expect(typeof decodeBlockReply(frame.subarray(0, -1))).toBe('string');
        const changed = Buffer.from(frame);
        const position = frame.length - 1 - (at % (block.length + 2));
        changed[position] = (changed[position] ?? 0) ^ 0x40;
        expect(typeof decodeBlockReply(changed)).toBe('string');
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (frame) => void decodeBlockReply(frame)));
  });
});
