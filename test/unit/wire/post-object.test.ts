import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkPolicy,
  makePolicy,
  ossErrorXml,
  postResponseXml,
  readPolicy,
  signPolicy,
} from '../../../src/wire/post-object.ts';

const SECRET = 'testAccessKeySecret';
const FOLDER = 'ota/0123456789abcdef0123456789abcdef';
const expiresAt = Date.UTC(2030, 0, 1, 0, 1);
const encode = (policy: unknown) => Buffer.from(JSON.stringify(policy)).toString('base64');
const withConditions = (...conditions: unknown[]) => encode({ expiration: '2030-01-01T00:01:00.000Z', conditions });
const check = (conditions: unknown[], fields: Record<string, string>) => {
  const policy = readPolicy(withConditions(...conditions));
  if (!policy) throw new Error('the policy was not read');
  return checkPolicy(policy, new Map(Object.entries(fields)));
};

describe('upload policy (storage-and-events 1.5-1.7)', () => {
  it.each([
    [
      'P1',
      { key: `${FOLDER}/cktestobject0000000000000.bin`, maxBytes: 1048576000 },
      'eyJleHBpcmF0aW9uIjoiMjAzMC0wMS0wMVQwMDowMTowMC4wMDBaIiwiY29uZGl0aW9ucyI6W1siY29udGVudC1sZW5ndGgtcmFuZ2UiLDAsMTA0ODU3NjAwMF0sWyJlcSIsIiRrZXkiLCJvdGEvMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYvY2t0ZXN0b2JqZWN0MDAwMDAwMDAwMDAwMC5iaW4iXV19',
      'SdkBTvmTtsPEYfNh1qbHVzchVUg=',
    ],
    [
      'P2',
      { key: `${FOLDER}/cktestobject0000000000001.csv`, maxBytes: 5242880 },
      'eyJleHBpcmF0aW9uIjoiMjAzMC0wMS0wMVQwMDowMTowMC4wMDBaIiwiY29uZGl0aW9ucyI6W1siY29udGVudC1sZW5ndGgtcmFuZ2UiLDAsNTI0Mjg4MF0sWyJlcSIsIiRrZXkiLCJvdGEvMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYvY2t0ZXN0b2JqZWN0MDAwMDAwMDAwMDAwMS5jc3YiXV19',
      'MFcyQGvTMVJ4j0d+SNae4ShD5Bs=',
    ],
  ])('is made and signed as vector %s', (_, permission, base64, signature) => {
    expect(makePolicy({ expiresAt, ...permission })).toBe(base64);
    expect(signPolicy(SECRET, base64)).toBe(signature);
    expect(readPolicy(base64)).toEqual({
      expiresAt,
      conditions: [{ operator: 'eq', field: 'key', value: permission.key }],
      range: { min: 0, max: permission.maxBytes },
    });
  });

  it('signs the text as received', () => {
    const base64 = makePolicy({ expiresAt, key: 'k', maxBytes: 1 });
    expect(signPolicy(SECRET, base64.replace('e', 'f'))).not.toBe(signPolicy(SECRET, base64));
  });

  it('reads what makePolicy makes, and holds for that key alone', () => {
    const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
    fc.assert(
      fc.property(instant, fc.stringMatching(/^[a-z0-9/.]+$/), fc.nat(), fc.string(), (at, key, maxBytes, other) => {
        const policy = readPolicy(makePolicy({ expiresAt: at, key, maxBytes }));
        expect(policy).toMatchObject({ expiresAt: at, range: { min: 0, max: maxBytes } });
        expect(policy && checkPolicy(policy, new Map([['key', key]]))).toBeUndefined();
        expect(policy && (checkPolicy(policy, new Map([['key', other]])) === undefined) === (other === key)).toBe(true);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no base64', '{"expiration"}'],
    ['no JSON', Buffer.from('{').toString('base64')],
    ['null', encode(null)],
    ['a list', encode([])],
    ['no expiration', encode({ conditions: [['eq', '$key', 'k']] })],
    ['a malformed expiration', encode({ expiration: 'tomorrow', conditions: [['eq', '$key', 'k']] })],
    ['no conditions', encode({ expiration: '2030-01-01T00:01:00.000Z' })],
    ['an empty list of conditions', withConditions()],
    ['a text for a condition', withConditions('eq')],
    ['null for a condition', withConditions(null)],
    ['an unknown operator', withConditions(['ne', '$key', 'k'])],
    ['a field without dollar', withConditions(['eq', 'key', 'k'])],
    ['a value that is no text', withConditions(['eq', '$key', 1])],
    ['a condition too short', withConditions(['eq', '$key'])],
    ['a condition too long', withConditions(['eq', '$key', 'k', 'l'])],
    ['an empty object', withConditions({})],
    ['an object of two', withConditions({ a: '1', b: '2' })],
    ['an object with a number', withConditions({ a: 1 })],
    ['a range of one', withConditions(['content-length-range', 0])],
    ['a negative range', withConditions(['content-length-range', -1, 5])],
    ['a range upside down', withConditions(['content-length-range', 6, 5])],
    ['a fractional range', withConditions(['content-length-range', 0, 5.5])],
  ])('is refused with %s', (_, base64) => {
    expect(readPolicy(base64)).toBeUndefined();
  });

  it('never throws on a policy from outside', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.base64String(),
          fc.string(),
          fc.json().map((json) => Buffer.from(json).toString('base64')),
        ),
        (text) => void readPolicy(text),
      ),
    );
    fc.assert(fc.property(fc.array(fc.jsonValue()), (conditions) => void readPolicy(withConditions(...conditions))));
  });

  it('takes the narrowest of several ranges', () => {
    const base64 = withConditions(['content-length-range', 1, 10], ['content-length-range', '0', '5']);
    expect(readPolicy(base64)?.range).toEqual({ min: 1, max: 5 });
    expect(readPolicy(withConditions(['eq', '$key', 'k']))?.range).toBeUndefined();
  });

  it('holds fields against exact, eq and starts-with conditions', () => {
    const conditions = [
      { bucket: 'b' },
      ['eq', '$Success_Action_Status', '200'],
      ['starts-with', '$key', 'ota/'],
      ['starts-with', '$x', ''],
    ];
    const good = { bucket: 'b', success_action_status: '200', key: 'ota/1', uncovered: 'is fine' };
    expect(check(conditions, good)).toBeUndefined();
    expect(check(conditions, { ...good, key: 'other/ota/' })).toBe(
      'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "ota/"]',
    );
    expect(check(conditions, { ...good, bucket: 'B' })).toBe(
      'Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "b"]',
    );
    expect(check(conditions, { bucket: 'b', key: 'ota/1' })).toBe(
      'Invalid according to Policy: Policy Condition failed: ["eq", "$Success_Action_Status", "200"]',
    );
  });

  it('reads an escaped dollar', () => {
    expect(check([['eq', '$key', '\\$a']], { key: '$a' })).toBeUndefined();
  });
});

describe('answers of the upload address', () => {
  it('are XML', () => {
    expect(
      ossErrorXml({
        code: 'AccessDenied',
        message: 'Invalid according to Policy: Policy expired.',
        requestId: '5C3D9175B6FC201293AD4890',
        hostId: 'h<1>',
      }),
    ).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message><RequestId>5C3D9175B6FC201293AD4890</RequestId><HostId>h&lt;1&gt;</HostId></Error>',
    );
    expect(
      postResponseXml({ bucket: 'iotx-ota', etag: '5EB6', key: 'ota/k.bin', location: 'https://h/ota/k.bin' }),
    ).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><PostResponse><Bucket>iotx-ota</Bucket><ETag>&quot;5EB6&quot;</ETag><Key>ota/k.bin</Key><Location>https://h/ota/k.bin</Location></PostResponse>',
    );
  });
});
