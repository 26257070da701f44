import { describe, expect, it } from 'vitest';
import { type ConsumerClaim, consumerPassword, parseConsumer, verifyConsumer } from '../../../src/wire/amqp-login.ts';

const SECRET = 'testAccessKeySecret';
const userName = (pairs: string) => `clientA|${pairs}|`;
const A1 = userName(
  'authMode=aksign,signMethod=hmacsha1,timestamp=1573489088171,authId=LTAItestAccessKeyId,iotInstanceId=,consumerGroupId=DEFAULT_GROUP',
);
const claim = (text: string): ConsumerClaim => {
  const parsed = parseConsumer(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};

describe('the user name of a consumer', () => {
  it('is read as documented', () => {
    expect(parseConsumer(A1)).toEqual({
      clientId: 'clientA',
      iotInstanceId: '',
      consumerGroupId: 'DEFAULT_GROUP',
      accessKeyId: 'LTAItestAccessKeyId',
      timestamp: '1573489088171',
      signMethod: 'hmacsha1',
      securityToken: undefined,
    });
  });

  it('has its pairs in any order, of any letter case of the method, with or without an instance', () => {
    const pairs = ['consumerGroupId=G', 'authId=AK', 'timestamp=17', 'signMethod=Hmacsha1', 'authMode=aksign'];
    const expected = { consumerGroupId: 'G', accessKeyId: 'AK', timestamp: '17', signMethod: 'hmacsha1' };
    expect(parseConsumer(userName(pairs.join(',')))).toMatchObject({ ...expected, iotInstanceId: '' });
    const other = [...pairs.reverse(), 'iotInstanceId=iot-060a'].join(', ');
    expect(parseConsumer(userName(other))).toMatchObject({ ...expected, iotInstanceId: 'iot-060a' });
    expect(parseConsumer(`clientA|${pairs.join(',')}`)).toMatchObject(expected);
  });

  it('splits a pair at the first equals sign', () => {
    const text = userName(
      'authMode=ststoken,securityToken=a=b==,signMethod=hmacmd5,timestamp=1,authId=AK,consumerGroupId=G',
    );
    expect(parseConsumer(text)).toMatchObject({ securityToken: 'a=b==' });
  });

  it.each([
    ['', 'no bar'],
    ['clientA', 'no bar'],
    [A1.slice('clientA'.length), 'no client id'],
    [`${'c'.repeat(65)}${A1.slice('clientA'.length)}`, 'a long client id'],
    [`${A1}more`, 'text behind the bar'],
    [`${A1}|`, 'a third bar'],
    [userName('authMode'), 'no pair'],
    [A1.replace('authId=LTAItestAccessKeyId', 'authId='), 'no key'],
    [A1.replace('timestamp=1573489088171,', ''), 'no timestamp'],
    [A1.replace('consumerGroupId=DEFAULT_GROUP', ''), 'no group'],
    [A1.replace('hmacsha1', 'sha1'), 'another method'],
    [A1.replace('hmacsha1', 'toString'), 'a name that every object has'],
    [A1.replace('aksign', 'anonymous'), 'another mode'],
    [A1.replace('clientA', 'c'.repeat(5_000)), 'far too much'],
  ])('is refused: %2$s', (text) => {
    expect(parseConsumer(text)).toEqual(expect.any(String));
  });
});

describe('the password of a consumer', () => {
  it.each([
    ['hmacsha1', 'Wf6PYI+oEVW5PYiaXpXQRoLStyQ='],
    ['hmacsha256', 'FfCBve5t2nlM3cDlhMhCydZGVsrRc1rlbauyVPxwuL0='],
    ['hmacmd5', 'pme937vOxVaB79TLvhGBIA=='],
  ])('by %s is the documented one', (method, password) => {
    const parsed = claim(A1.replace('hmacsha1', method));
    expect(consumerPassword(parsed, SECRET)).toBe(password);
    expect(verifyConsumer(parsed, password, SECRET)).toBe(true);
    expect(verifyConsumer(parsed, password, 'another')).toBe(false);
    expect(verifyConsumer(parsed, '', SECRET)).toBe(false);
  });

  it('with a token is the documented one', () => {
    const parsed = claim(A1.replace('authMode=aksign', 'authMode=ststoken,securityToken=TESTTOKEN'));
    expect(consumerPassword(parsed, SECRET)).toBe('VJrfUVDeDWx5aI31YWVls4bFGnc=');
  });

  it('is bound to the key and the time', () => {
    const password = consumerPassword(claim(A1), SECRET);
    expect(verifyConsumer(claim(A1.replace('1573489088171', '1573489088172')), password, SECRET)).toBe(false);
    expect(verifyConsumer(claim(A1.replace('LTAItest', 'LTAIother')), password, SECRET)).toBe(false);
  });
});
