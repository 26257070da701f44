import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPushed } from '../../../src/simulate/pushed-package.ts';
import { encodeNotice, type PackageNotice } from '../../../src/wire/device-messages.ts';

const device = { productKey: 'pk', deviceName: 'dn' };
const md5 = 'D41D8CD98F00B204E9800998ECF8427E';
const file = { name: 'a.bin', source: 'http://host/a', size: 84, md5, sign: md5 };
const notice: PackageNotice = {
  version: '2.0.0',
  module: 'default',
  isDiff: false,
  signMethod: 'MD5',
  files: [file],
  extData: {},
};
const push = (data: object) => Buffer.from(JSON.stringify({ code: '1000', data, id: 1, message: 'success' }));

test('what the server encodes is what the device reads', () => {
  const upgrade = encodeNotice(device, { kind: 'upgrade', messageId: 1, package: notice });
  const expected = {
    version: '2.0.0',
    module: 'default',
    digest: 'md5',
    files: [{ source: 'http://host/a', size: 84, sign: md5.toLowerCase() }],
  };
  expect(readPushed(upgrade.payload)).toEqual({ kind: 'package', package: expected });
});

test('a package of several files of a module is read', () => {
  const sign = 'a'.repeat(64);
  const files = [1, 2].map((size) => ({ ...file, size, sign }));
  const { payload } = encodeNotice(device, {
    kind: 'getReply',
    id: '7',
    package: { ...notice, module: 'MCU', signMethod: 'SHA256', files },
  });
  expect(readPushed(payload)).toEqual({
    kind: 'package',
    package: {
      version: '2.0.0',
      module: 'MCU',
      digest: 'sha256',
      files: [1, 2].map((size) => ({ source: file.source, size, sign })),
    },
  });
});

test('a file that comes over MQTT is read with its stream', () => {
  const source = { streamId: 27_367, fileId: 1 };
  const { payload } = encodeNotice(device, {
    kind: 'upgrade',
    messageId: 1,
    package: { ...notice, files: [{ ...file, source }] },
  });
  expect(readPushed(payload)).toMatchObject({ kind: 'package', package: { files: [{ source, size: 84 }] } });
});

test('an answer without a package means nothing to do', () => {
  const { payload } = encodeNotice(device, { kind: 'getReply', id: '7', package: undefined });
  expect(readPushed(payload)).toEqual({ kind: 'nothing' });
});

test.each([
  ['the documented spelling MD5', { ...fields(), signMethod: 'MD5' }],
  ['no size', { ...fields(), size: undefined }],
  ['a digest of another length', { ...fields(), sign: 'ab' }],
  ['no version', { ...fields(), version: '' }],
  ['a download over MQTT without its stream', { ...fields(), dProtocol: 'mqtt' }],
  ['no way to get the file', { ...fields(), url: undefined }],
])('a push with %s is dropped, as the SDKs drop it', (_, data) => {
  expect(readPushed(push(data)).kind).toBe('unusable');
});

test('no payload whatever makes the reader throw', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void readPushed(bytes)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void readPushed(Buffer.from(JSON.stringify(value)))));
});

function fields() {
  return { size: 84, sign: md5, version: '2.0.0', signMethod: 'Md5', url: file.source, md5 };
}
