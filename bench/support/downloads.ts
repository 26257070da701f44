import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const request = (target: string) => `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-\r\n\r\n`;

/** Fetches a file and throws it away, with as little work as Node.js can have. Rejects on anything but all of it. */
export function download(port: number, target: string, size: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let head = '';
  let left = -1;
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.allocUnsafeSlow(256 * 1024),
      callback(length, bytes) {
        if (left >= 0) left -= length;
        else {
          head += Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return true;
          if (!head.startsWith('HTTP/1.1 206 ')) reject(new Error(`not a file: ${head.slice(0, end)}`));
          left = size - (head.length - end - 4);
        }
        if (left <= 0) {
          socket.destroy();
          resolve();
        }
        return true;
      },
    },
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the connection ended too early')));
  socket.write(request(target));
  return promise;
}

export interface SlowDownloads extends Disposable {
  /** Bytes that each has received. */
  received(): number[];
}

/** Downloads by readers that take 16 KiB every 250 ms. Resolves when each has got something. */
export async function openSlowDownloads(options: {
  readonly port: number;
  readonly target: string;
  readonly count: number;
}): Promise<SlowDownloads> {
  const received = Array.from({ length: options.count }, () => 0);
  const sockets: Socket[] = [];
  for (const index of received.keys()) {
    const socket = connect({
      port: options.port,
      host: '127.0.0.1',
      onread: {
        buffer: Buffer.allocUnsafeSlow(16 * 1024),
        callback(length) {
          received[index] = (received[index] ?? 0) + length;
          return false; // until the next beat
        },
      },
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(request(options.target));
    sockets.push(socket);
  }
  const beat = setInterval(() => {
    for (const socket of sockets) socket.resume();
  }, 250);
  for (let waited = 0; received.includes(0); waited += 1) {
    if (waited === 300) throw new Error('not every slow download has begun within 30 s');
    await sleep(100);
  }
  return {
    received: () => [...received],
    [Symbol.dispose]() {
      clearInterval(beat);
      for (const socket of sockets) socket.destroy();
    },
  };
}
