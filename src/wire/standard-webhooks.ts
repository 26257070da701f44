import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';

/** What is sent, and under which id; the id stays the same when it is sent again. */
export interface WebhookMessage {
  readonly id: string;
  /** Raw body, as sent. */
  readonly body: string;
}

/** A secret in the form that receivers are given. @param key 24 to 64 bytes */
export function webhookSecret(key: Uint8Array): string {
  return `${SECRET_PREFIX}${Buffer.from(key).toString('base64')}`;
}

/** One entry of `webhook-signature` (Standard Webhooks 1.0.0; storage-and-events 4.2). @param timestamp Unix seconds */
function sign({ id, body }: WebhookMessage, timestamp: number, secret: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Headers of one attempt to send a message.
 * @param now milliseconds; the receiver refuses what is some minutes old, so a repeated attempt is signed anew
 * @param secrets in the form `whsec_…`; while a secret is being replaced, both sign
 */
export function webhookHeaders(
  message: WebhookMessage,
  now: number,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(now / 1000);
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(message.body)),
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map((secret) => sign(message, timestamp, secret)).join(' '),
  };
}

export interface WebhookEvent {
  readonly type: string;
  readonly topic: string;
  /** JSON text. */
  readonly payload: string;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** The body: topic and payload are those of the vendor's subscriptions, unchanged (storage-and-events 4.3). */
export function webhookBody({ type, topic, payload, createdAt }: WebhookEvent): string {
  const timestamp = new Date(createdAt).toISOString();
  return `{"type":${JSON.stringify(type)},"timestamp":"${timestamp}","data":{"topic":${JSON.stringify(topic)},"payload":${payload}}}`;
}

/**
 * Reads `Retry-After`: seconds or a date.
 * @returns milliseconds from `now` on, not below 0; undefined when it is neither
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes too much for a date: the header's forms all begin with the name of a day
  const at = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
