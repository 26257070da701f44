import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceErrors } from '../../../src/contract/device-errors.ts';
import {
  decodeGatewayRequest,
  encodeGatewayAnswer,
  encodeGatewayNotice,
  failed,
  type GatewayOp,
  type GatewayRequest,
  gatewayOpOf,
  succeeded,
} from '../../../src/wire/gateway-messages.ts';

const names = (deviceName: string) => ({ productKey: 'pk', deviceName });
const decode = (op: GatewayOp, message: unknown): GatewayRequest =>
  decodeGatewayRequest(op, Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));

const ops: readonly (readonly [GatewayOp, string])[] = [
  ['subRegister', '/sys/gpk/gdn/thing/sub/register'],
  ['productRegister', '/sys/gpk/gdn/thing/proxy/provisioning/product_register'],
  ['topoAdd', '/sys/gpk/gdn/thing/topo/add'],
  ['topoDelete', '/sys/gpk/gdn/thing/topo/delete'],
  ['topoGet', '/sys/gpk/gdn/thing/topo/get'],
  ['login', '/ext/session/gpk/gdn/combine/login'],
  ['batchLogin', '/ext/session/gpk/gdn/combine/batch_login'],
  ['logout', '/ext/session/gpk/gdn/combine/logout'],
  ['batchLogout', '/ext/session/gpk/gdn/combine/batch_logout'],
];

describe('the topic of a request', () => {
  it.each(ops)('%s is known', (op, topic) => {
    expect(gatewayOpOf(topic)).toBe(op);
    expect(gatewayOpOf(`${topic}_reply`)).toBeUndefined();
  });

  it('of another kind is not', () => {
    for (const topic of ['/sys/a/b/thing/topo', '/ext/rrpc/a/b/combine/login', '/ota/device/inform/a/b', '']) {
      expect(gatewayOpOf(topic)).toBeUndefined();
    }
  });
});

describe('a login', () => {
  const claim = { ...names('sub'), clientId: 'pk&sub', timestamp: '1', method: 'hmacsha1', sign: 'ab' };

  it.each([
    ['of the Node SDK, with a number for a timestamp', { signMethod: 'hmacsha1', timestamp: 1 }],
    ['of C 3.x', { signMethod: 'hmacSha1', timestamp: '1', cleanSession: 'true' }],
    ['with the other spelling', { signmethod: 'HMACSHA1', timestamp: '1' }],
    ['with the bare name of the hash', { SignMethod: 'sha1', timestamp: '1' }],
  ])('%s is read', (_name, rest) => {
    const params = { ...names('sub'), clientId: 'pk&sub', sign: 'ab', ...rest };
    expect(decode('login', { id: '7', params })).toEqual({ kind: 'gateway', id: '7', op: 'login', claims: [claim] });
  });

  it('keeps a clientId with bars as it is, and may have none', () => {
    const clientId = 'pk.sub|lan=Python,_v=2.2.1,_ss=1|';
    const params = { ...names('sub'), clientId, sign: 'ab' };
    expect(decode('login', { id: 1, params })).toMatchObject({ id: 1, claims: [{ clientId, timestamp: undefined }] });
    expect(decode('login', { params: { ...names('sub'), sign: 'ab' } })).toMatchObject({
      claims: [{ clientId: undefined }],
    });
  });

  it('of many has one sign method for all, which an entry may override', () => {
    const entry = { ...names('sub'), clientId: 'pk&sub', timestamp: '1', sign: 'ab', cleanSession: 'false' };
    const deviceList = [entry, { ...entry, deviceName: 'two', signMethod: 'hmacmd5' }, entry];
    expect(decode('batchLogin', { id: '1', params: { signMethod: 'hmacSha1', deviceList } })).toEqual({
      kind: 'gateway',
      id: '1',
      op: 'batchLogin',
      claims: [claim, { ...claim, deviceName: 'two', method: 'hmacmd5' }],
    });
  });
});

describe('a list of devices', () => {
  it('is read with each device once, and trailing commas and NULs', () => {
    const text = '{"id":"1","params":[{"productKey":"pk","deviceName":"a",},{"deviceName":"a","productKey":"pk"}],}\0';
    for (const op of ['subRegister', 'topoDelete', 'batchLogout'] as const) {
      expect(decode(op, text)).toEqual({ kind: 'gateway', id: '1', op, devices: [names('a')] });
    }
    expect(decode('logout', { id: '1', params: names('a') })).toMatchObject({ op: 'logout', devices: [names('a')] });
    expect(decode('topoGet', { id: '1', params: {} })).toEqual({ kind: 'gateway', id: '1', op: 'topoGet' });
    expect(decode('topoGet', { id: '1' })).toMatchObject({ op: 'topoGet' });
  });

  it.each([
    ['subRegister', 30],
    ['batchLogout', 50],
    ['topoDelete', 200],
  ] as const)('of %s has at most %s', (op, most) => {
    const params = (count: number) => Array.from({ length: count }, (_, index) => names(`dev-${index}`));
    expect(decode(op, { id: '1', params: params(most) }).op).toBe(op);
    expect(decode(op, { id: '1', params: params(most + 1) })).toEqual({ kind: 'gateway', id: '1', op: 'malformed' });
  });

  it('of registrations that are passed on keeps those that are malformed, for the answer', () => {
    const whole = { ...names('a'), random: 'r', signMethod: 'hmacSha256', sign: 'ab' };
    const request = decode('productRegister', { id: '1', params: { proxieds: [whole, names('b')] } });
    expect(request).toMatchObject({
      op: 'productRegister',
      proxieds: [
        { ...names('a'), claim: { ...names('a'), random: 'r', method: 'hmacsha256', sign: 'ab' } },
        { ...names('b'), claim: undefined },
      ],
    });
  });
});

describe('what is malformed', () => {
  it.each<[GatewayOp, unknown]>([
    ['login', 'no json'],
    ['login', []],
    ['login', { id: '1' }],
    ['login', { id: '1', params: { ...names('a'), sign: 'ab', signMethod: 'crc' } }],
    ['login', { id: '1', params: { ...names('a') } }],
    ['batchLogin', { id: '1', params: [] }],
    ['topoAdd', { id: '1', params: [] }],
    ['topoAdd', { id: '1', params: [{ productKey: 1, deviceName: 'a', sign: 'ab' }] }],
    ['subRegister', { id: '1', params: [{}] }],
    ['productRegister', { id: '1', params: [] }],
  ])('%s %j is told to be so', (op, message) => {
    expect(decode(op, message).op).toBe('malformed');
  });

  it('never throws, whatever the bytes', () => {
    const op = fc.constantFrom(...ops.map(([name]) => name));
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(`{"id":1,"params":${text}}`)),
    );
    fc.assert(
      fc.property(op, bytes, (which, value) => {
        expect(decodeGatewayRequest(which, value).kind).toBe('gateway');
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a gateway is told', () => {
  const text = ({ topic, payload }: { topic: string; payload: Buffer }) => `${topic} ${payload}`;

  it('in answer has the four members that C 4.x wants, and the id as it came', () => {
    const topic = '/ext/session/gpk/gdn/combine/login';
    expect(text(encodeGatewayAnswer(topic, '1|exp-topic|x', succeeded(names('a'))))).toBe(
      `${topic}_reply {"id":"1|exp-topic|x","code":200,"data":{"productKey":"pk","deviceName":"a"},"message":"success"}`,
    );
    expect(text(encodeGatewayAnswer(topic, 7, failed(deviceErrors.noTopology)))).toBe(
      `${topic}_reply {"id":7,"code":6401,"data":{},"message":"topo relation not exist"}`,
    );
  });

  it('unasked names the gateway in its topics, the device where it is about the device', () => {
    const gateway = { productKey: 'gpk', deviceName: 'gdn' };
    const device = names('a');
    const notice = (...words: [Parameters<typeof encodeGatewayNotice>[1]]) =>
      text(encodeGatewayNotice(gateway, words[0], 1_700_000_000_000));
    expect(notice({ kind: 'topology', change: 'removed', devices: [device] })).toBe(
      '/sys/gpk/gdn/thing/topo/change {"id":"1700000000000","version":"1.0","params":{"status":1,"subList":[{"productKey":"pk","deviceName":"a"}]},"method":"thing.topo.change"}',
    );
    expect(notice({ kind: 'topology', change: 'enabled', devices: [] })).toContain('"status":2');
    expect(notice({ kind: 'topology', change: 'disabled', devices: [] })).toContain('"status":8');
    expect(notice({ kind: 'device', event: 'disable', device })).toBe(
      '/sys/pk/a/thing/disable {"id":"1700000000000","version":"1.0","params":{},"method":"thing.disable"}',
    );
    expect(notice({ kind: 'loggedOut', device, error: deviceErrors.connectedElsewhere })).toBe(
      '/ext/session/gpk/gdn/combine/logout_reply {"id":"1700000000000","code":427,"data":{"productKey":"pk","deviceName":"a"},"message":"device connect in elsewhere"}',
    );
    expect(notice({ kind: 'noSession', device, error: deviceErrors.sessionError })).toContain('/ext/error/gpk/gdn {');
  });
});
