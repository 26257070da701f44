import type { IncomingMessage, ServerResponse } from 'node:http';
import { objectErrors } from '../contract/object-storage.ts';
import type { Deps } from '../domain/deps.ts';
import type { ObjectRefusal } from '../domain/object-refusal.ts';
import type { Clock } from '../lib/clock.ts';
import { ossErrorXml } from '../wire/post-object.ts';

/** Header names are spelled as they go out: old devices look for `Content-Length` letter by letter. */
export type ObjectHeaders = Readonly<Record<string, string | number>>;

/** How long a refused client may go on sending; one that gets its connection reset does not see the answer. */
const GRACE_MS = 5_000;

/** 24 upper-case hex digits, the form of `x-oss-request-id`. */
export const objectRequestId = (ids: Deps['ids']): string => ids.requestId().replaceAll('-', '').slice(-24);

/** Answers with the catalogue's error as XML (storage-and-events 1.8). HEAD gets the headers of it. */
export function refuseObject(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: ObjectRefusal,
  context: {
    readonly clock: Clock;
    readonly publicUrl: string;
    readonly requestId: string;
    readonly headers?: ObjectHeaders;
  },
): void {
  if (response.headersSent || response.destroyed) return;
  const { clock, publicUrl, requestId, headers } = context;
  const { status, code, message } = objectErrors[refusal.key];
  const body = ossErrorXml({
    code,
    message: message.replace('{Detail}', () => refusal.detail),
    requestId,
    hostId: URL.canParse(publicUrl) ? new URL(publicUrl).host : '',
  });
  response.writeHead(status, {
    'Content-Type': 'application/xml',
    'Content-Length': Buffer.byteLength(body),
    'x-oss-request-id': requestId,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  if (request.complete) return;
  const timer = clock.after(GRACE_MS, () => request.destroy());
  request.once('close', () => timer[Symbol.dispose]());
}
