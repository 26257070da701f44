import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_URL_CHARACTERS,
  makeDownloadUrl,
  readDownloadQuery,
  signDownload,
} from '../../../src/wire/download-url.ts';

const object = {
  origin: 'https://iotx-ota.oss-cn-shanghai.aliyuncs.com',
  key: 'ota/0123456789abcdef0123456789abcdef/cktestobject0000000000000.bin',
  accessKeyId: 'LTAItestAccessKeyId',
  secret: 'testAccessKeySecret',
  bucket: 'iotx-ota',
  expiresAtSeconds: 1893456000,
};

describe('download URL (storage-and-events 2.3)', () => {
  it('is signed as vector G1', () => {
    expect(signDownload(object)).toBe('X8WFcwXBidWhdiLtucmsDkz+2R4=');
    const url = makeDownloadUrl(object);
    expect(url).toBe(
      'https://iotx-ota.oss-cn-shanghai.aliyuncs.com/ota/0123456789abcdef0123456789abcdef/cktestobject0000000000000.bin?Expires=1893456000&OSSAccessKeyId=LTAItestAccessKeyId&Signature=X8WFcwXBidWhdiLtucmsDkz%2B2R4%3D',
    );
    expect(url).toHaveLength(209);
    expect(makeDownloadUrl({ ...object, origin: `${object.origin}/` })).toBe(url);
  });

  it('signs the bare key and encodes it in the URL', () => {
    const spaced = { ...object, key: 'a b/灯.bin' };
    expect(makeDownloadUrl(spaced)).toContain('.com/a%20b/%E7%81%AF.bin?');
    expect(signDownload({ ...spaced, bucket: 'x' })).not.toBe(signDownload(spaced));
  });

  it('is refused when a device could not hold it', () => {
    const rest = makeDownloadUrl({ ...object, key: 'k' }).length - 1;
    // a signature has 28 to 80 characters in a URL, by how many need escapes
    expect(() => makeDownloadUrl({ ...object, key: 'k'.repeat(MAX_URL_CHARACTERS - rest + 60) })).toThrow(
      /^download URL has \d+ characters, devices take 254: shorten the public URL https:/,
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 4e9 }), (length, expiresAtSeconds) => {
        let url = '';
        try {
          url = makeDownloadUrl({ ...object, key: 'k'.repeat(length), expiresAtSeconds });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(url.length).toBeLessThanOrEqual(254);
      }),
    );
  });

  it('is read back as it was made', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9.]{1,24}$/),
        fc.nat(),
        fc.string(),
        (accessKeyId, expiresAtSeconds, secret) => {
          const made = { ...object, accessKeyId, expiresAtSeconds, secret, key: 'k.bin' };
          const query = makeDownloadUrl(made).split('?')[1] ?? '';
          expect(readDownloadQuery(query)).toEqual({
            expires: expiresAtSeconds,
            accessKeyId,
            signature: signDownload(made),
          });
        },
      ),
    );
  });

  it('is read in any order, the first of repeated parameters counts', () => {
    expect(readDownloadQuery('Signature=s%2B%3D&x=1&Expires=5&OSSAccessKeyId=a&Expires=9&Signature=t')).toEqual({
      expires: 5,
      accessKeyId: 'a',
      signature: 's+=',
    });
  });

  it.each([
    '',
    'Expires=1&OSSAccessKeyId=a',
    'Expires=1&Signature=s',
    'OSSAccessKeyId=a&Signature=s',
    'Expires=&OSSAccessKeyId=a&Signature=s',
  ])('is incomplete as %j', (query) => {
    expect(readDownloadQuery(query)).toBeUndefined();
  });

  it.each(['x', '-1', '1.5', '1e3', '9'.repeat(30)])('has no time of expiry in %j', (expires) => {
    const read = readDownloadQuery(`Expires=${expires}&OSSAccessKeyId=a&Signature=s`);
    expect(read).toEqual({ expires: undefined, accessKeyId: 'a', signature: 's' });
  });
});
