import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request of a device over HTTP, read to its end. */
export interface DeviceRequest {
  readonly raw: IncomingMessage;
  readonly body: Buffer;
  /** Who sent it, as far as the network tells. */
  readonly ip: string;
}

/** C SDKs look for `Content-Length` letter by letter, so this writes through the raw response (device-protocol 2.2). */
export function answerDevice(
  { raw }: Pick<DeviceRequest, 'raw'>,
  response: ServerResponse,
  { body, status = 200 }: { readonly body: string; readonly status?: number },
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'application/json;charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    // what was not read, a multipart body, is not waited for
    ...(raw.complete ? {} : { Connection: 'close' }),
  });
  response.end(body);
}
