import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PackageFile, PackageNotice } from '../../../src/wire/device-messages.ts';

export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** The `Range` of every request, in order. */
  readonly ranges: string[];
  /** Requests answered at the same time, at most. */
  readonly mostAtOnce: () => number;
}

export interface FileServerOptions {
  /** Connections that end after this many bytes each, before the first whole answer. */
  readonly cuts?: number[];
  /** Answers in another way altogether, if it returns true. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Serves one file with Range, as the server does, and can cut connections. */
export async function serveFile(bytes: Buffer, options: FileServerOptions = {}): Promise<FileServer> {
  const cuts = [...(options.cuts ?? [])];
  const ranges: string[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? '');
    most = Math.max(most, ++open);
    response.on('close', () => open--);
    if (options.instead?.(request, response)) return;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = bytes.subarray(start);
    response.writeHead(206, {
      'Content-Length': rest.length,
      'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    });
    const cut = cuts.shift();
    if (cut === undefined) response.end(rest);
    else response.write(rest.subarray(0, cut), () => response.socket?.destroySoon());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`,
    ranges,
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the server would tell a device of `bytes`. */
export function packageOf(
  bytes: Buffer,
  source: PackageFile['source'],
  over: Partial<PackageNotice> = {},
): PackageNotice {
  const md5 = createHash('md5').update(bytes).digest('hex');
  const sign = over.signMethod === 'SHA256' ? createHash('sha256').update(bytes).digest('hex') : md5;
  const file = { name: 'app.bin', source, size: bytes.length, md5, sign };
  return { version: '2.0.0', module: 'default', isDiff: false, signMethod: 'MD5', files: [file], extData: {}, ...over };
}
