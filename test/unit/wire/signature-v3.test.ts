import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePairs } from '../../../src/wire/percent.ts';
import {
  canonicalRequestV3,
  parseAuthorizationV3,
  signV3,
  stringToSignV3,
  unsignedHeaders,
} from '../../../src/wire/signature-v3.ts';

const SECRET = 'ExampleSecret0001ABCDEFGHIJKL';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A signed request of openapi-gateway 4.3, with a header beside that is not signed. */
function request(query: string, body: string, extra: Record<string, string>) {
  const headers: Record<string, string> = {
    host: '127.0.0.1:18080',
    'x-acs-version': '2018-01-20',
    'x-acs-date': '2024-05-06T07:08:09Z',
    'x-acs-content-sha256': sha256(body),
    ...extra,
  };
  const signedHeaders = Object.keys(headers).sort();
  return {
    method: 'POST',
    pairs: parsePairs(query),
    headers: { ...headers, accept: 'application/json' },
    signedHeaders,
    bodySha256: sha256(body),
  };
}

describe('signature V3', () => {
  const awkward = 'DeviceName=d%20e*(v)!%27~%2F%E4%B8%AD%2B%3D&ProductKey=a1TestKey01';

  it('signs a query that the client wrote with other escapes than it signed (D)', () => {
    const canonical = canonicalRequestV3(
      request(awkward, '', {
        'x-acs-action': 'QueryDeviceDetail',
        'x-acs-signature-nonce': '5f0c9c2e00014b7a9d0e000000000003',
      }),
    );
    expect(canonical).toBe(
      [
        'POST',
        '/',
        'DeviceName=d%20e%2A%28v%29%21%27~%2F%E4%B8%AD%2B%3D&ProductKey=a1TestKey01',
        'host:127.0.0.1:18080',
        'x-acs-action:QueryDeviceDetail',
        `x-acs-content-sha256:${EMPTY}`,
        'x-acs-date:2024-05-06T07:08:09Z',
        'x-acs-signature-nonce:5f0c9c2e00014b7a9d0e000000000003',
        'x-acs-version:2018-01-20',
        '',
        'host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version',
        EMPTY,
      ].join('\n'),
    );
    expect(stringToSignV3(canonical)).toBe(
      'ACS3-HMAC-SHA256\n6b2b68855db9ce070b1a0944426ea0d83dd8c4f80a4dcadc9a7d6e64a1aa9e62',
    );
    expect(signV3(SECRET, stringToSignV3(canonical))).toBe(
      'a3c9a2da8dae1dd7f0cc95b59b0b5cafbdedfbffd673304c5d60873fa3bc52ae',
    );
  });

  it('signs every x-acs header that the client lists (E)', () => {
    const canonical = canonicalRequestV3(
      request(awkward, '', {
        'x-acs-action': 'QueryDeviceDetail',
        'x-acs-signature-nonce': '5f0c9c2e00014b7a9d0e000000000004',
        'x-acs-credentials-provider': 'static_ak',
      }),
    );
    expect(signV3(SECRET, stringToSignV3(canonical))).toBe(
      'c4442cd85af03203c5fe975fe2f8f69c4938b4d2dd80f40e95646981936f0d42',
    );
  });

  it('covers a form body by its hash alone (F)', () => {
    const given = request(
      'ProductKey=a1TestKey01&Qos=1&TopicFullName=%2Fa1TestKey01%2Fdev1%2Fuser%2Fget',
      'MessageContent=aGVsbG8gd29ybGQ%3D',
      {
        'content-type': 'application/x-www-form-urlencoded',
        'x-acs-action': 'Pub',
        'x-acs-signature-nonce': '5f0c9c2e00014b7a9d0e000000000005',
        'x-acs-credentials-provider': 'static_ak',
      },
    );
    expect(given.bodySha256).toBe('6f8fa19ad9d28b5de468addb599cdd298a11d7c16a086fc752636406773ccd2b');
    const canonical = canonicalRequestV3(given);
    expect(canonical).toBe(
      [
        'POST',
        '/',
        'ProductKey=a1TestKey01&Qos=1&TopicFullName=%2Fa1TestKey01%2Fdev1%2Fuser%2Fget',
        'content-type:application/x-www-form-urlencoded',
        'host:127.0.0.1:18080',
        'x-acs-action:Pub',
        'x-acs-content-sha256:6f8fa19ad9d28b5de468addb599cdd298a11d7c16a086fc752636406773ccd2b',
        'x-acs-credentials-provider:static_ak',
        'x-acs-date:2024-05-06T07:08:09Z',
        'x-acs-signature-nonce:5f0c9c2e00014b7a9d0e000000000005',
        'x-acs-version:2018-01-20',
        '',
        'content-type;host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version',
        '6f8fa19ad9d28b5de468addb599cdd298a11d7c16a086fc752636406773ccd2b',
      ].join('\n'),
    );
    expect(stringToSignV3(canonical)).toBe(
      'ACS3-HMAC-SHA256\n0b4190027b17f93e70faafcf9303c219b7f82c9af57f17fbba8485b202326925',
    );
    expect(signV3(SECRET, stringToSignV3(canonical))).toBe(
      '6747f015ee1e6206466867ff3039997352f24a0886765e1390f17437350b4be2',
    );
  });

  it('signs the headers of temporary credentials (G)', () => {
    const given = request('JobId=job-0001', '', {
      'x-acs-action': 'QueryOTAJob',
      'x-acs-signature-nonce': '5f0c9c2e00014b7a9d0e000000000007',
      'x-acs-accesskey-id': 'STS.ExampleTempKey0001',
      'x-acs-security-token': 'CAIS/token+with==',
    });
    expect(given.signedHeaders.join(';')).toBe(
      'host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version',
    );
    const canonical = canonicalRequestV3(given);
    expect(stringToSignV3(canonical)).toBe(
      'ACS3-HMAC-SHA256\n692ed5b1b0ff57027fa0f1de87a14f1fa110286879fd80799c7fed18ef02e9db',
    );
    expect(signV3(SECRET, stringToSignV3(canonical))).toBe(
      'dec6a8ff061d05cf43474a8ffd743cd007e2275af011f758d78e72437fded81d',
    );
  });

  it('signs the example of openapi-ota 1.5', () => {
    const canonical = canonicalRequestV3(
      request('JobId=job%201%2A~', '', {
        host: 'iot.example.com',
        'x-acs-action': 'QueryOTAJob',
        'x-acs-date': '2024-01-01T00:00:00Z',
        'x-acs-signature-nonce': 'n1',
      }),
    );
    expect(stringToSignV3(canonical)).toBe(
      'ACS3-HMAC-SHA256\nc54ccc7d03c4c60a3837c8c4907d8014e6c104a9fc84f2057ca57727ac2664fb',
    );
    expect(signV3('SECRET-EXAMPLE', stringToSignV3(canonical))).toBe(
      'd90f999ddb9d63fb00c5e1ea50905b17bb3587a28762e4a93246d22d2b784313',
    );
  });

  it('trims values, sorts header lines and treats a listed header that was not sent as empty', () => {
    const canonical = canonicalRequestV3({
      method: 'GET',
      pairs: [],
      headers: { host: ' h ', 'x-acs-b': '\tb' },
      signedHeaders: ['x-acs-b', 'host', 'constructor'],
      bodySha256: EMPTY,
    });
    expect(canonical).toBe(`GET\n/\n\nconstructor:\nhost:h\nx-acs-b:b\n\nx-acs-b;host;constructor\n${EMPTY}`);
  });
});

describe('parseAuthorizationV3', () => {
  const parsed = { accessKeyId: 'AK', signedHeaders: ['host', 'x-acs-date'], signature: 'abc' };

  it.each([
    'ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host;x-acs-date,Signature=abc',
    'ACS3-HMAC-SHA256 Credential=AK,Signature=abc,SignedHeaders=host;x-acs-date',
    'ACS3-HMAC-SHA256  Signature=abc ,  SignedHeaders=Host;X-Acs-Date; , Credential=AK',
  ])('reads %s', (header) => {
    expect(parseAuthorizationV3(header)).toEqual(parsed);
  });

  it.each([
    '',
    'ACS3-HMAC-SHA256',
    'ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host',
    'ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host,Signature=',
    'ACS3-HMAC-SHA256 Credential,SignedHeaders,Signature',
    'ACS3-HMAC-SM3 Credential=AK,SignedHeaders=host,Signature=abc',
  ])('refuses %j', (header) => {
    expect(parseAuthorizationV3(header)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (rest) => void parseAuthorizationV3(`ACS3-HMAC-SHA256 ${rest}`)));
  });
});

describe('unsignedHeaders', () => {
  const headers = { host: 'h', accept: 'a', 'content-type': 'c', 'x-acs-date': 'd', 'x-sdk-client': 's' };

  it('names what must be signed and is not', () => {
    expect(unsignedHeaders(headers, [])).toEqual(['host', 'content-type', 'x-acs-date']);
    expect(unsignedHeaders(headers, ['x-acs-date', 'host'])).toEqual(['content-type']);
    expect(unsignedHeaders({}, ['x-acs-date'])).toEqual(['host']);
  });

  it('is empty for a complete list, which may hold more', () => {
    expect(unsignedHeaders(headers, ['accept', 'content-type', 'host', 'x-acs-date'])).toEqual([]);
  });
});
