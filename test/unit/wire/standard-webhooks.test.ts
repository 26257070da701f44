import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter, webhookBody, webhookHeaders, webhookSecret } from '../../../src/wire/standard-webhooks.ts';

const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_test0001',
  now: 1_893_456_000_000,
  body: '{"type":"ota.task.updated","timestamp":"2030-01-01T00:00:00.000Z","data":{"jobId":"job1","taskId":"task1","status":"SUCCEEDED"}}',
  signature: 'v1,JOBhys8aryPgyjf44xt6fG6lxDUhTb643MEvZg/YMdQ=',
};

describe('a webhook in the Standard Webhooks form', () => {
  it('is signed as vector W1 says', () => {
    expect(webhookHeaders(vector, vector.now, [vector.secret])).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'content-length': '128',
      'webhook-id': 'msg_test0001',
      'webhook-timestamp': '1893456000',
      'webhook-signature': vector.signature,
    });
  });

  it('has whole seconds in its timestamp', () => {
    expect(webhookHeaders(vector, vector.now + 999, [vector.secret])['webhook-signature']).toBe(vector.signature);
  });

  it('carries the signatures of both secrets while one is being replaced', () => {
    const other = webhookSecret(Buffer.alloc(32, 1));
    const headers = webhookHeaders(vector, vector.now, [other, vector.secret]);
    expect(headers['webhook-signature']?.split(' ')).toEqual([
      expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      vector.signature,
    ]);
  });

  it('passes the verification of a stock receiver, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.string({ unit: 'binary' }),
        fc.json(),
        (key, topic, payload) => {
          const secret = webhookSecret(key);
          const body = webhookBody({ type: 'ota.job.updated', topic, payload, createdAt: vector.now });
          const headers = webhookHeaders({ id: 'msg_1', body }, Date.now(), [secret]);
          expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
          const received = new Webhook(secret).verify(Buffer.from(body, 'utf8'), { ...headers });
          expect(received).toEqual(JSON.parse(body));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('says what happened and when, with topic and payload unchanged', () => {
    const payload = '{"jobId":"j1","desc":"灯 \\"1\\"","big":12345678901234567890}';
    expect(
      webhookBody({ type: 'ota.job.updated', topic: '/p1/f1/j1/ota/job/status', payload, createdAt: vector.now }),
    ).toBe(
      `{"type":"ota.job.updated","timestamp":"2030-01-01T00:00:00.000Z","data":{"topic":"/p1/f1/j1/ota/job/status","payload":${payload}}}`,
    );
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2030, 0, 1);

  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['Tue, 01 Jan 2030 00:01:00 GMT', 60_000],
    ['Mon, 31 Dec 2029 23:00:00 GMT', 0],
    ['999999999', 999_999_999_000],
  ])('%s is understood', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });

  it.each([undefined, '', '-1', '1.5', 'soon', '1e3', '99999999999', 'Tuesday'])('%s says nothing', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });
});
