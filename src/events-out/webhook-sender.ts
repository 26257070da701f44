import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ATTEMPT_MS, type AttemptResult } from '../domain/webhook-attempts.ts';
import type { WebhookTarget } from '../domain/webhooks.ts';
import type { Clock } from '../lib/clock.ts';
import { parseRetryAfter, type WebhookMessage, webhookHeaders } from '../wire/standard-webhooks.ts';
import { type AllowedTargets, createAddressGuard } from './address-guard.ts';

/** Of an answer's body so much is read, and shown where somebody looks at it. */
const ANSWER_BYTES = 16 * 1024;

/** What came of one attempt, and what the receiver said. */
export type Answer = AttemptResult & {
  /** The first 16 KiB of the answer. */
  readonly body?: string;
  readonly tookMs?: number;
};

/** Sends one message once; rejects never. */
export type Send = (target: WebhookTarget, message: WebhookMessage, stop?: AbortSignal) => Promise<Answer>;

interface Resolved {
  readonly address: string;
  readonly family: number;
}

/**
 * Sends by POST on a connection of its own: the address of every attempt is looked up and checked anew, and no attempt
 * fails because the receiver has closed a connection that was kept. Redirects are not followed.
 */
export function createWebhookSender({ clock, allow }: { readonly clock: Clock; readonly allow: AllowedTargets }): Send {
  const mayConnect = createAddressGuard(allow);
  const resolve = createResolver();

  /** @throws Refusal when one address of the host is not to be connected to */
  async function checkedAddresses(host: string): Promise<readonly Resolved[]> {
    const family = isIP(host);
    const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
    // one that is private among public ones is a trick, not a receiver
    for (const { address } of addresses) if (!mayConnect(host, address)) throw new Refusal(address);
    return addresses;
  }

  return async (target, message, stop) => {
    const url = new URL(target.url);
    const began = clock.now();
    const late = new AbortController();
    using _ = clock.after(ATTEMPT_MS, () => late.abort());
    const signal = stop ? AbortSignal.any([late.signal, stop]) : late.signal;
    try {
      const addresses = await unlessAborted(signal, checkedAddresses(url.hostname.replace(/^\[|\]$/g, '')));
      const response = await post(
        url,
        addresses,
        webhookHeaders(message, clock.now(), target.secrets),
        message,
        signal,
      );
      return {
        kind: 'answered',
        status: response.statusCode ?? 0,
        retryAfterMs: parseRetryAfter(response.headers['retry-after'], clock.now()),
        body: await readSome(response),
        tookMs: clock.now() - began,
      };
    } catch (error) {
      if (stop?.aborted) return { kind: 'stopped' };
      if (late.signal.aborted) return { kind: 'failed', reason: `no answer within ${ATTEMPT_MS / 1000} s` };
      return { kind: 'failed', reason: describe(error) };
    }
  };
}

class Refusal extends Error {
  constructor(address: string) {
    super(`the address ${address} is not public and OTARU_WEBHOOK_ALLOW does not name it`);
  }
}

/**
 * A slow name server holds up one thread of the few that Node has for look-ups and files, however many attempts wait for
 * the name.
 */
function createResolver(): (host: string) => Promise<readonly Resolved[]> {
  const underWay = new Map<string, Promise<readonly Resolved[]>>();
  return (host) => {
    const known = underWay.get(host);
    if (known) return known;
    const looking = lookup(host, { all: true }).finally(() => underWay.delete(host));
    underWay.set(host, looking);
    return looking;
  };
}

async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function post(
  url: URL,
  addresses: readonly Resolved[],
  headers: Readonly<Record<string, string>>,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  // Node connects to these and asks nobody again; an address in the URL is not looked up and has been checked itself
  const connectTo: LookupFunction = (_host, options, done) => {
    const [first] = addresses;
    if (options.all) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family ?? 4);
  };
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, {
      method: 'POST',
      headers: { ...headers, 'user-agent': 'otaru', connection: 'close' },
      agent: false,
      lookup: connectTo,
      signal,
    })
      .once('response', resolve)
      .on('error', reject)
      .end(message.body);
  });
}

/** The beginning of an answer's body. The status has been said: what goes wrong from here on changes nothing. */
async function readSome(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let room = ANSWER_BYTES;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part.subarray(0, room));
      room -= part.length;
      if (room <= 0) break;
    }
  } catch {
    // cut off, or too slow
  }
  response.destroy();
  return Buffer.concat(parts).toString('utf8');
}

/** A sentence for the delivery log. */
function describe(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code, message, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly Error[] };
  const [first] = errors ?? [];
  if (first) return describe(first);
  const known: Readonly<Record<string, string>> = {
    ENOTFOUND: 'the host name is not known',
    EAI_AGAIN: 'the name server does not answer',
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was closed before an answer came',
    ETIMEDOUT: 'the connection was not made in time',
    EHOSTUNREACH: 'the host cannot be reached',
    ENETUNREACH: 'the network cannot be reached',
  };
  return known[code ?? ''] ?? `${message.slice(0, 200)}${code ? ` (${code})` : ''}`;
}
