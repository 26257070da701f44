import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectSignature,
  makeConnect,
  parseConnect,
  type SignMethod,
  verifyConnect,
} from '../../../src/wire/mqtt-connect.ts';

const device = { productKey: 'pk', deviceName: 'device', deviceSecret: 'secret' };
const names = { deviceName: 'device', productKey: 'pk' };
const login = (clientId: string, password: string, username = 'device&pk') => {
  const claim = parseConnect(clientId, username, password);
  return claim !== undefined && verifyConnect(claim, 'secret');
};

describe('the signature of a CONNECT (device-protocol 1.4)', () => {
  it.each<[SignMethod, string | undefined, string]>([
    ['hmacmd5', '789', '14b198324fe55e1d3c88f2e705e201ee'],
    ['hmacsha1', '789', 'fafd82a3d602b37fb0fa8b7892f24a477f851a14'],
    ['hmacsha256', '789', '6074a46a91b1ebb2cc4ea42790ad0e80202c9843859fc292e57c4eb19fad9e57'],
    ['hmacmd5', undefined, '2ce7304ec0ddd548eb1492d65ac0b334'],
    ['hmacsha1', undefined, '3504e4df7ce4766d30f796ee973c9ce7fc5425cb'],
    ['hmacsha256', undefined, 'c8cb3dcb7159682438e5fd9a9c34f398e41bb8edb6f222795e307bafee151090'],
  ])('by %s with timestamp %s', (method, timestamp, password) => {
    expect(connectSignature(method, 'secret', { id: '12345', ...names, timestamp })).toBe(password);
    const stamp = timestamp === undefined ? '' : `,timestamp=${timestamp}`;
    expect(login(`12345|securemode=3,signmethod=${method}${stamp}|`, password)).toBe(true);
  });

  it('is taken in upper case, as C SDKs write it', () => {
    const password = '2EAB47D05EC94FAB1A34E7E9F54AEBD34A1E15770F932E05300193007E0091E9';
    expect(connectSignature('hmacsha256', 'secret', { id: 'pk.device', ...names, timestamp: '2524608000000' })).toBe(
      password.toLowerCase(),
    );
    for (const clientId of [
      'pk.device|timestamp=2524608000000,_v=sdk-c-3.2.0,securemode=3,signmethod=hmacsha256,lan=C,_ss=1,gw=0,ext=0|',
      'pk.device|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,securemode=3,signmethod=hmacsha256,ext=3,_conn=tls_0|',
    ]) {
      expect(login(clientId, password)).toBe(true);
    }
  });

  it('keeps the word clientId for an empty id', () => {
    const password = '9dea83e5947409fb4220128787f6bc66d77090396d01e641880ab505497a6df6';
    expect(connectSignature('hmacsha256', 'secret', { id: '', ...names, timestamp: '2524608000000' })).toBe(password);
    expect(login('|signmethod=hmacsha256,timestamp=2524608000000|', password)).toBe(true);
  });

  it('is checked by md5 when no method is said, and by a method in any case', () => {
    expect(login('12345|securemode=3|', '2ce7304ec0ddd548eb1492d65ac0b334')).toBe(true);
    expect(login('12345', '2ce7304ec0ddd548eb1492d65ac0b334')).toBe(true);
    const sha256 = 'c8cb3dcb7159682438e5fd9a9c34f398e41bb8edb6f222795e307bafee151090';
    expect(login('12345|signmethod=hmacSha256|', sha256)).toBe(true);
    expect(login('12345|signmethod=sha256|', sha256)).toBe(true);
  });

  it.each([
    ['another secret', '12345|signmethod=hmacsha1|', connectSignature('hmacsha1', 'other', { id: '12345', ...names })],
    ['another id', '1234|signmethod=hmacsha1|', '3504e4df7ce4766d30f796ee973c9ce7fc5425cb'],
    ['another timestamp', '12345|signmethod=hmacsha1,timestamp=790|', 'fafd82a3d602b37fb0fa8b7892f24a477f851a14'],
    ['a dropped timestamp', '12345|signmethod=hmacsha1|', 'fafd82a3d602b37fb0fa8b7892f24a477f851a14'],
    ['another method', '12345|signmethod=hmacsha256|', '3504e4df7ce4766d30f796ee973c9ce7fc5425cb'],
    ['an unknown method', '12345|signmethod=crc32|', '3504e4df7ce4766d30f796ee973c9ce7fc5425cb'],
    ['no password', '12345|signmethod=hmacsha1|', ''],
    ['more than the password', '12345|signmethod=hmacsha1|', '3504e4df7ce4766d30f796ee973c9ce7fc5425cb00'],
  ])('is refused for %s', (_, clientId, password) => {
    expect(login(clientId, password)).toBe(false);
  });
});

describe('parseConnect', () => {
  it('reads the texts that SDKs send', () => {
    expect(
      parseConnect(
        'pk&device|securemode=3,signmethod=hmacsha1,timestamp=1795420914360,lan=NodeJS,_v=1.2.8|',
        'device&pk',
        'p',
      ),
    ).toEqual({
      id: 'pk&device',
      extension: new Map([
        ['securemode', '3'],
        ['signmethod', 'hmacsha1'],
        ['timestamp', '1795420914360'],
        ['lan', 'NodeJS'],
        ['_v', '1.2.8'],
      ]),
      productKey: 'pk',
      deviceName: 'device',
      password: 'p',
    });
  });

  it.each([
    ['a|x=1,|', { x: '1' }],
    ['a| x=1 ,\n y=2 ,|\r\n', { x: '1', y: '2' }],
    ['a|x=1', { x: '1' }],
    ['a||', {}],
    ['a|', {}],
    ['a|x=,y=b=c|', { x: '', y: 'b=c' }],
    ['a|x=1,x=2|', { x: '1' }],
    ['', {}],
  ])('tolerates %j', (clientId, extension) => {
    const claim = parseConnect(clientId, 'd&p', '');
    expect(Object.fromEntries(claim?.extension ?? [['refused', '']])).toEqual(extension);
  });

  it.each([
    ['a|x=1|y', 'd&p'],
    ['a|x=1|y=2|', 'd&p'],
    ['a|x|', 'd&p'],
    ['a|=1|', 'd&p'],
    ['a'.repeat(65), 'd&p'],
    ['a||', ''],
    ['a||', 'd'],
    ['a||', '&p'],
    ['a||', 'd&'],
    ['a||', 'd&p&q'],
  ])('refuses client id %j of user %j', (clientId, username) => {
    expect(parseConnect(clientId, username, '')).toBeUndefined();
  });

  it('never throws', () => {
    const noise = fc.string({ unit: fc.constantFrom('|', '=', ',', '&', ' ', 'a', '\n', 'signmethod=', '😀') });
    fc.assert(
      fc.property(noise, noise, fc.string(), (a, b, c) => {
        const claim = parseConnect(a, b, c);
        if (claim) expect(verifyConnect(claim, 'secret')).toBe(false);
      }),
    );
  });
});

describe('makeConnect', () => {
  it('makes the full example of the reference', () => {
    expect(makeConnect(device, { id: '12345', method: 'hmacsha1', timestamp: '789' })).toEqual({
      clientId: '12345|securemode=3,signmethod=hmacsha1,timestamp=789|',
      username: 'device&pk',
      password: 'fafd82a3d602b37fb0fa8b7892f24a477f851a14',
    });
  });

  it('adds pairs and lets them replace the usual ones', () => {
    expect(makeConnect(device, { extra: { _ss: '1', securemode: '2' } }).clientId).toBe(
      'pk.device|securemode=2,signmethod=hmacsha256,_ss=1|',
    );
  });

  it('makes what verifyConnect takes, with its own secret only', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._:@-]{1,32}$/);
    const method = fc.constantFrom<SignMethod>('hmacmd5', 'hmacsha1', 'hmacsha256');
    const stamp = fc.option(fc.stringMatching(/^\d{0,13}$/), { nil: undefined });
    fc.assert(
      fc.property(
        word,
        word,
        word,
        fc.string(),
        method,
        stamp,
        (productKey, deviceName, id, deviceSecret, way, timestamp) => {
          const made = makeConnect(
            { productKey, deviceName, deviceSecret },
            { id, method: way, extra: { lan: 'C' }, ...(timestamp === undefined ? {} : { timestamp }) },
          );
          const claim = parseConnect(made.clientId, made.username, made.password);
          expect(claim).toMatchObject({ id, productKey, deviceName });
          expect(claim && verifyConnect(claim, deviceSecret)).toBe(true);
          expect(claim && verifyConnect(claim, `${deviceSecret}x`)).toBe(false);
        },
      ),
    );
  });
});
