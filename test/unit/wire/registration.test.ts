import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConnect } from '../../../src/wire/mqtt-connect.ts';
import {
  encodeCredentials,
  readRegistrationForm,
  registrationBody,
  registrationOfConnect,
  registrationSignature,
  verifyRegistration,
} from '../../../src/wire/registration.ts';

const names = { productKey: 'pk', deviceName: 'device' };

describe('the signature of a registration (device-protocol 2.1)', () => {
  it.each([
    ['hmacmd5', 'db7793c50c6b535918c70f6f4c041cc8'],
    ['hmacsha1', '09a2e03cfe2544c061802b55f27c2424f1250f43'],
    ['hmacsha256', 'eb51530a2a612371ed3f4b7d93bfde2cabcf90d17b41c6af2472e90f552d8857'],
  ] as const)('by %s is that of the vector, in either case of hex', (method, sign) => {
    const claim = { ...names, random: '123', method, sign };
    expect(registrationSignature(method, 'secret', claim)).toBe(sign);
    expect(verifyRegistration(claim, 'secret')).toBe(true);
    expect(verifyRegistration({ ...claim, sign: sign.toUpperCase() }, 'secret')).toBe(true);
    expect(verifyRegistration({ ...claim, random: '124' }, 'secret')).toBe(false);
    expect(verifyRegistration(claim, 'Secret')).toBe(false);
    expect(verifyRegistration({ ...claim, sign: '' }, 'secret')).toBe(false);
  });
});

describe('a registration over MQTT', () => {
  const read = (clientId: string, password = 'ab') => {
    const claim = parseConnect(clientId, 'device&pk', password);
    return claim && registrationOfConnect(claim);
  };

  it('is read as C 3.2 and C 4.x write it', () => {
    const expected = { ...names, random: '0a1b2c3d', method: 'hmacsha256', sign: 'ab' };
    const c32 = 'pk.device|authType=register,random=0a1b2c3d,signmethod=hmacsha256,securemode=2|';
    const c4 = 'device.pk|random=0a1b2c3d,authType=register,securemode=2,signmethod=hmacsha256|';
    expect([read(c32), read(c4)]).toEqual([expected, expected]);
  });

  it.each([
    ['without a random', 'x|authType=register,signmethod=hmacsha256|'],
    ['with an endless random', `x|authType=register,random=${'1'.repeat(257)}|`],
    ['with an unknown sign method', 'x|authType=register,random=1,signmethod=crc32|'],
  ])('%s is none', (_name, clientId) => expect(read(clientId)).toBeUndefined());

  it('without a password is none', () => expect(read('x|authType=register,random=1|', '')).toBeUndefined());
});

describe('a registration over HTTP', () => {
  it.each([
    ['of the Node SDK', 'productKey=pk&deviceName=device&random=r1&sign=ab&signMethod=hmacsha1'],
    ['of a C SDK, with its trailing NUL', 'productKey=pk&deviceName=device&signMethod=hmacsha1&sign=ab&random=r1\0'],
    [
      'with other letter case and blanks',
      ' ProductKey=pk&DEVICENAME=device&random=+r1+&Sign=ab&signmethod=HmacSha1\r\n',
    ],
    ['with strange members', 'a&=&random=r1&random=r2&productKey=pk&deviceName=device&sign=ab&signMethod=sha1'],
  ])('%s is read', (_name, body) => {
    expect(readRegistrationForm(Buffer.from(body))).toEqual({ ...names, random: 'r1', method: 'hmacsha1', sign: 'ab' });
  });

  it.each([
    'productKey=pk&deviceName=device&random=r1&signMethod=hmacsha1',
    'productKey=&deviceName=device&random=r1&sign=ab',
    '{"productKey":"pk"}',
    '',
  ])('%j is none', (body) => expect(readRegistrationForm(Buffer.from(body))).toBeUndefined());

  it('is not looked for in a body that no device sends', () => {
    const form = 'productKey=pk&deviceName=device&random=r1&sign=ab';
    expect(readRegistrationForm(Buffer.from(form.padEnd(16_384)))).toBeDefined();
    expect(readRegistrationForm(Buffer.from(form.padEnd(16_385)))).toBeUndefined();
  });

  it('of any bytes never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        readRegistrationForm(body);
      }),
    );
  });
});

describe('the answer', () => {
  it('over MQTT is compact and on the topic of its kind', () => {
    const given = (credentials: Parameters<typeof encodeCredentials>[0]) => {
      const { topic, payload } = encodeCredentials(credentials);
      return `${topic} ${payload}`;
    };
    expect(given({ kind: 'register', ...names, deviceSecret: 'ds' })).toBe(
      '/ext/register {"productKey":"pk","deviceName":"device","deviceSecret":"ds"}',
    );
    expect(given({ kind: 'regnwl', ...names, clientId: 'c', deviceToken: 't' })).toBe(
      '/ext/regnwl {"productKey":"pk","deviceName":"device","clientId":"c","deviceToken":"t"}',
    );
  });

  it('over HTTP has the code first and fits into 256 bytes whatever the names', () => {
    expect(registrationBody({ kind: 'register', ...names, deviceSecret: 'ds' })).toBe(
      '{"code":200,"data":{"deviceName":"device","deviceSecret":"ds","productKey":"pk"},"message":"success"}',
    );
    expect(registrationBody({ code: 6288, message: 'off' })).toBe('{"code":6288,"message":"off"}');
    const longest = { productKey: 'p'.repeat(11), deviceName: 'd'.repeat(32), deviceSecret: 's'.repeat(32) };
    expect(registrationBody({ kind: 'register', ...longest }).length).toBeLessThanOrEqual(256);
  });
});
