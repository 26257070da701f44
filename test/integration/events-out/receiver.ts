import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';

/** A request that has arrived. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Someone who listens: an HTTP server on loopback. */
export interface Receiver extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  /** Requests that have been answered and those that hang now. */
  readonly open: number;
  /** Largest number of requests at the same time. */
  readonly mostAtOnce: number;
  /** What is answered from now on: a status with headers, or whatever the function does with the response. */
  answer(status: number | ((response: ServerResponse) => void), headers?: Record<string, string>): void;
}

/** @param port of one that was closed, to come back in its place */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let open = 0;
  let mostAtOnce = 0;
  let respond: (response: ServerResponse) => void = (response) => void response.writeHead(204).end();
  const server = createServer(async (request, response) => {
    open += 1;
    mostAtOnce = Math.max(mostAtOnce, open);
    response.once('close', () => {
      open -= 1;
    });
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    received.push({ path: request.url ?? '', headers: request.headers, body });
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/hook?token=1`,
    received,
    get open() {
      return open;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    answer(status, headers = {}) {
      respond = typeof status === 'function' ? status : (response) => void response.writeHead(status, headers).end();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Delivered {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly topic: string; readonly payload: Readonly<Record<string, unknown>> };
}

/** Verifies a request as a receiver with the stock library does at `now`. @throws when the signature is wrong */
export function verify(secret: string, { body, headers }: Received, now: number): Delivered {
  vi.useFakeTimers({ toFake: ['Date'], now });
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) as Delivered;
  } finally {
    vi.useRealTimers();
  }
}
