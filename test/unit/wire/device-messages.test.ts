import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDeviceMessage, encodeNotice, type PackageNotice } from '../../../src/wire/device-messages.ts';
import type { DeviceTopicKind } from '../../../src/wire/device-topics.ts';

const decode = (kind: DeviceTopicKind, text: string) => decodeDeviceMessage(kind, Buffer.from(text));

describe('what a device says (device-protocol 3)', () => {
  it.each<[DeviceTopicKind, string, object]>([
    [
      'inform',
      '{"id":"123","params":{"version":"1.0.1","module":"MCU"}}',
      { kind: 'inform', id: '123', module: 'MCU', version: '1.0.1' },
    ],
    [
      'inform',
      '{"id":1, "params":{"version":"1.0.0"}}',
      { kind: 'inform', id: '1', module: 'default', version: '1.0.0' },
    ],
    [
      'inform',
      '{"id":0,"params":{"version":"app-1.0.0-20180101.1000","module":""}}',
      { kind: 'inform', id: '0', module: 'default', version: 'app-1.0.0-20180101.1000' },
    ],
    ['inform', '{"params":{"version":"1","module":null}}', { kind: 'inform', id: '', module: 'default', version: '1' }],
    [
      'inform',
      '{"id":"a|b|/sys/pk","params":{"version":"1"}}',
      { kind: 'inform', id: 'a|b|/sys/pk', module: 'default', version: '1' },
    ],
    [
      'progress',
      '{"id":"123","params":{"step":"-1","desc":"why","module":"MCU"}}',
      { kind: 'progress', id: '123', module: 'MCU', step: -1, description: 'why' },
    ],
    [
      'progress',
      '{"id":0,"params":{"step":"0","desc":"Enter in downloading state"}}',
      { kind: 'progress', id: '0', module: 'default', step: 0, description: 'Enter in downloading state' },
    ],
    [
      'progress',
      '{"id":2, "params":{"step":"0","desc":""}}',
      { kind: 'progress', id: '2', module: 'default', step: 0, description: '' },
    ],
    [
      'progress',
      '{"id":2,"params":{"step":100}}',
      { kind: 'progress', id: '2', module: 'default', step: 100, description: '' },
    ],
    [
      'progress',
      '{"id":2,"params":{"step":" 7 ","desc":3}}',
      { kind: 'progress', id: '2', module: 'default', step: 7, description: '' },
    ],
    [
      'progress',
      '{"id":2,"params":{"step":-4}}',
      { kind: 'progress', id: '2', module: 'default', step: -4, description: '' },
    ],
    [
      'firmwareGet',
      '{"id":"123","version":"1.0","params":{"module":"MCU"},"method":"thing.ota.firmware.get"}',
      { kind: 'get', id: '123', module: 'MCU' },
    ],
    ['firmwareGet', '{"id":3, "params":{}}', { kind: 'get', id: '3', module: undefined }],
    ['firmwareGet', '{"id":3}', { kind: 'get', id: '3', module: undefined }],
    ['request', '{"id":"0","params":{"version":"1.0.0"}}', { kind: 'request', id: '0', version: '1.0.0' }],
    ['request', '{"id":"0","params":{"version":""}}', { kind: 'request', id: '0', version: undefined }],
    ['other', '', { kind: 'other' }],
  ])('reads %s %s', (kind, payload, message) => {
    expect(decode(kind, payload)).toEqual(message);
  });

  it.each([
    '{"id":"1","params":{"version":"2",}}',
    '{"id":"1","params":{"version":"2"},}',
    '{"id":"1","params":{"version":"2"\n,\r\n\t}\n}',
    '{"list":[1,2,],"id":"1","params":{"version":"2"}}',
    '{"id":"1","params":{"version":"2"}}\0',
    '{"id":"1","params":{"version":"2"}}\r\n\0\0 ',
    ' {"id":"1","params":{"version":"2"}}',
  ])('tolerates %j', (payload) => {
    expect(decode('inform', payload)).toEqual({ kind: 'inform', id: '1', module: 'default', version: '2' });
  });

  it('repairs commas outside of texts only', () => {
    expect(decode('progress', '{"id":"a,}\\",]","params":{"step":"1","desc":"x,}y,]\\\\",}}')).toEqual({
      kind: 'progress',
      id: 'a,}",]',
      module: 'default',
      step: 1,
      description: 'x,}y,]\\',
    });
  });

  it('takes a report whose description is not UTF-8', () => {
    const payload = Buffer.concat([
      Buffer.from('{"id":1,"params":{"step":"-2","desc":"'),
      Buffer.from([0xcf, 0xc2]),
      Buffer.from('"}}'),
    ]);
    expect(decodeDeviceMessage('progress', payload)).toMatchObject({ kind: 'progress', step: -2 });
  });

  it('reads a payload that is a part of a larger buffer', () => {
    const packet = Buffer.from('xx{"id":"1","params":{"version":"2"}}\0yy');
    expect(decodeDeviceMessage('inform', packet.subarray(2, -2))).toMatchObject({ kind: 'inform', version: '2' });
  });

  it.each<[DeviceTopicKind, string]>([
    ['inform', ''],
    ['inform', '\0'],
    ['inform', 'null'],
    ['inform', '[]'],
    ['inform', '1'],
    ['inform', '{'],
    ['inform', '{"id":"1","params":{"version":"2",,}}'],
    ['inform', '{"id":"1"}'],
    ['inform', '{"id":"1","params":[]}'],
    ['inform', '{"id":"1","params":"x"}'],
    ['inform', '{"id":"1","params":{}}'],
    ['inform', '{"id":"1","params":{"version":""}}'],
    ['inform', '{"id":"1","params":{"version":1}}'],
    ['inform', '{"id":"1","params":{"version":"a b"}}'],
    ['inform', '{"id":"1","params":{"version":"1\\n"}}'],
    ['inform', `{"id":"1","params":{"version":"${'1'.repeat(65)}"}}`],
    ['inform', '{"id":"1","params":{"version":"1","module":"a/b"}}'],
    ['inform', '{"id":"1","params":{"version":"1","module":7}}'],
    ['inform', '{"id":"1","__proto__":{"params":{"version":"1"}}}'],
    ['progress', '{"id":"1","params":{}}'],
    ['progress', '{"id":"1","params":{"step":""}}'],
    ['progress', '{"id":"1","params":{"step":"-5"}}'],
    ['progress', '{"id":"1","params":{"step":"101"}}'],
    ['progress', '{"id":"1","params":{"step":"1.5"}}'],
    ['progress', '{"id":"1","params":{"step":1.5}}'],
    ['progress', '{"id":"1","params":{"step":"0x1"}}'],
    ['progress', '{"id":"1","params":{"step":null}}'],
    ['progress', '{"id":"1","params":{"step":true}}'],
    ['progress', '{"id":"1","params":{"step":1e400}}'],
    ['firmwareGet', '{"id":"1","params":{"module":"a b"}}'],
    ['request', '{"id":"1","params":{"version":"a b"}}'],
  ])('calls %s %s malformed', (kind, payload) => {
    expect(decode(kind, payload)).toEqual({ kind: 'malformed', reason: expect.any(String) });
  });

  it('survives huge and deeply nested payloads', () => {
    const deep = 100_000;
    for (const payload of [
      '['.repeat(deep),
      '[,'.repeat(deep),
      `{"params":${'['.repeat(deep)}${']'.repeat(deep)}}`,
      `{"params":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)},}`,
      `"${'\\"'.repeat(deep)}`,
      `${',}'.repeat(deep)}`,
      `{"params":{"version":"${'1'.repeat(deep)}"}}`,
    ]) {
      expect(decode('inform', payload)).toMatchObject({ kind: 'malformed' });
    }
  });

  it('never throws on bytes of any kind', () => {
    const kinds = fc.constantFrom<DeviceTopicKind>(
      'inform',
      'progress',
      'request',
      'firmwareGet',
      'fileDownload',
      'other',
    );
    const json = fc.json().map((text) => Buffer.from(text));
    const parts = fc
      .array(
        fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '"id"', '"params"', '"step"', '1', '\0', ' ', 'null'),
      )
      .map((tokens) => Buffer.from(tokens.join('')));
    fc.assert(
      fc.property(kinds, fc.oneof(fc.uint8Array(), json, parts), (kind, payload) => {
        expect(decodeDeviceMessage(kind, payload).kind).toBeTypeOf('string');
      }),
      { numRuns: 500 },
    );
  });
});

const device = { productKey: 'pk', deviceName: 'dn' };
const MD5 = '54d6ff5a205596db57161705764eeb1b';
const file = { name: 'file.bin', source: 'https://host/ota/xxx/file.bin?auth_key=1', size: 84, md5: MD5, sign: MD5 };
const plain: PackageNotice = {
  version: '2.0.0',
  module: 'default',
  isDiff: false,
  signMethod: 'MD5',
  files: [file],
  extData: {},
};
const upgrade = (notice: Partial<PackageNotice>) =>
  encodeNotice(device, {
    kind: 'upgrade',
    messageId: 1777439217705,
    package: { ...plain, ...notice },
  }).payload.toString();

describe('what a device is told', () => {
  it('is the push that the platform really sends (device-protocol 3.2)', () => {
    const { topic, payload } = encodeNotice(device, { kind: 'upgrade', messageId: 1777439217705, package: plain });
    expect(topic).toBe('/ota/device/upgrade/pk/dn');
    expect(payload.toString()).toBe(
      '{"code":"1000","data":{"size":84,"sign":"54d6ff5a205596db57161705764eeb1b","version":"2.0.0","signMethod":"Md5","url":"https://host/ota/xxx/file.bin?auth_key=1","md5":"54d6ff5a205596db57161705764eeb1b"},"id":1777439217705,"message":"success"}',
    );
  });

  it('names module, delta and tags only where there are any, tags last', () => {
    expect(
      upgrade({
        module: 'MCU',
        isDiff: true,
        signMethod: 'SHA256',
        extData: { size: '1', _package_udi: '{"a":"灯"}' },
      }),
    ).toBe(
      `{"code":"1000","data":{"size":84,"sign":"${MD5}","version":"2.0.0","signMethod":"SHA256","url":"https://host/ota/xxx/file.bin?auth_key=1","md5":"${MD5}","isDiff":1,"module":"MCU","extData":{"size":"1","_package_udi":"{\\"a\\":\\"灯\\"}"}},"id":1777439217705,"message":"success"}`,
    );
  });

  it('lists several files (device-protocol 3.3)', () => {
    const files = [file, { name: 'b.bin', source: 'https://host/b', size: 432945, md5: 'ABC', sign: 'def' }];
    expect(upgrade({ files, module: 'MCU', isDiff: true, extData: { key1: 'v1' } })).toBe(
      `{"code":"1000","data":{"version":"2.0.0","signMethod":"Md5","isDiff":1,"module":"MCU","files":[{"fileName":"file.bin","fileUrl":"https://host/ota/xxx/file.bin?auth_key=1","fileSize":84,"fileMd5":"${MD5}","fileSign":"${MD5}"},{"fileName":"b.bin","fileUrl":"https://host/b","fileSize":432945,"fileMd5":"abc","fileSign":"def"}],"extData":{"key1":"v1"}},"id":1777439217705,"message":"success"}`,
    );
  });

  it('names the stream instead of a URL for a file that comes over MQTT (device-protocol 3.4)', () => {
    const files = [{ ...file, source: { streamId: 27367, fileId: 1 } }];
    expect(upgrade({ files })).toBe(
      `{"code":"1000","data":{"size":84,"streamId":27367,"sign":"${MD5}","dProtocol":"mqtt","version":"2.0.0","signMethod":"Md5","streamFileId":1,"md5":"${MD5}"},"id":1777439217705,"message":"success"}`,
    );
    expect(() => upgrade({ files: [...files, file] })).toThrow(RangeError);
  });

  it('stays within 256 KB for 20 files, with every text as long as it may be (device-protocol 1.6)', () => {
    const files = Array.from({ length: 20 }, () => ({
      // four bytes each: no other character that the rules let through takes more in JSON
      name: '🙂'.repeat(32),
      source: `https://${'h'.repeat(246)}`,
      size: 5_368_709_120,
      md5: 'f'.repeat(32),
      sign: 'f'.repeat(64),
    }));
    const extData = { ['k'.repeat(30)]: '🙂'.repeat(4_066), _package_udi: '🙂'.repeat(4_096) };
    const text = upgrade({ version: 'v'.repeat(64), module: 'm'.repeat(64), signMethod: 'SHA256', files, extData });
    expect(Buffer.byteLength(text)).toBeLessThan(64 * 1024);
    // of which the files are the smaller part
    expect(Buffer.byteLength(upgrade({ signMethod: 'SHA256', files }))).toBeLessThan(12 * 1024);
  });

  it('answers firmware/get with a numeric code and the id as it was asked (device-protocol 3.6)', () => {
    const { topic, payload } = encodeNotice(device, { kind: 'getReply', id: '1|"x"', package: plain });
    expect(topic).toBe('/sys/pk/dn/thing/ota/firmware/get_reply');
    expect(payload.toString()).toMatch(
      /^\{"id":"1\|\\"x\\"","code":200,"data":\{"size":84,.*"md5":"[0-9a-f]{32}"\}\}$/,
    );
    const nothing = encodeNotice(device, { kind: 'getReply', id: '0', package: undefined });
    expect(nothing.payload.toString()).toBe('{"id":"0","code":200,"data":{}}');
  });

  it('answers the legacy request on its own topic with the push (device-protocol 3.7)', () => {
    const { topic, payload } = encodeNotice(device, { kind: 'requestReply', messageId: 1777439217705, package: plain });
    expect(topic).toBe('/ota/device/request/pk/dn');
    expect(payload.toString()).toBe(upgrade({}));
  });

  it('refuses a package without files', () => {
    expect(() => upgrade({ files: [] })).toThrow(RangeError);
  });

  const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-fA-F]{${length}}$`));
  const someFile = fc.record({
    name: fc.string({ maxLength: 20 }),
    source: fc.webUrl({ withQueryParameters: true }),
    size: fc.nat(),
    md5: hex(32),
    sign: hex(64),
  });
  const somePackage: fc.Arbitrary<PackageNotice> = fc.record({
    version: fc.stringMatching(/^[0-9.]{1,10}$/),
    module: fc.constantFrom('default', 'MCU', 'a.b-c_d'),
    isDiff: fc.boolean(),
    signMethod: fc.constantFrom('MD5', 'SHA256'),
    files: fc.array(someFile, { minLength: 1, maxLength: 3 }),
    extData: fc.dictionary(fc.constantFrom('size', 'url', 'sign', 'md5', 'version', 'signMethod', 'k'), fc.string(), {
      maxKeys: 4,
    }),
  });

  it('has the shape of device-protocol 4.2 whatever the package is', () => {
    fc.assert(
      fc.property(somePackage, fc.nat(), (notice, messageId) => {
        const text = encodeNotice(device, { kind: 'upgrade', messageId, package: notice }).payload.toString();
        const message = JSON.parse(text);
        expect(text).toBe(JSON.stringify(message));
        expect(message).toMatchObject({ code: '1000', id: messageId, message: 'success' });
        const { data } = message;
        expect(['Md5', 'SHA256']).toContain(data.signMethod);
        expect(data).not.toHaveProperty('dProtocol');
        expect([undefined, 1]).toContain(data.isDiff);
        expect(data.module).toBe(notice.module === 'default' ? undefined : notice.module);
        expect(Object.keys(data).indexOf('extData')).toBe(
          Object.keys(notice.extData).length === 0 ? -1 : Object.keys(data).length - 1,
        );
        if (notice.files.length > 1) {
          expect(data.files).toHaveLength(notice.files.length);
          expect(data).not.toHaveProperty('url');
          return;
        }
        expect(data).not.toHaveProperty('files');
        expect(data.md5).toMatch(/^[0-9a-f]{32}$/);
        // C 4.x takes what follows the first occurrence of a key in the text
        const first = (key: string) =>
          JSON.parse(/^"[^"]*"|^\d+/.exec(text.slice(text.indexOf(`"${key}":`) + key.length + 3))?.[0] ?? 'null');
        for (const key of ['size', 'sign', 'version', 'signMethod', 'url', 'md5']) expect(first(key)).toBe(data[key]);
      }),
    );
  });
});
