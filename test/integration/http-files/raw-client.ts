import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  /** Status line and headers with their ends, byte for byte. */
  readonly head: string;
  readonly status: number;
  /** By the name as spelled in the answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A connection that sends what it is told, and reads answers one after the other. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  /** Resolves when the bytes have left, which they do only as fast as the server takes them. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** @param options.noBody for the answer to HEAD */
  answer(options?: { noBody?: boolean }): Promise<RawAnswer>;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

export async function openRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      ended = true;
      wake();
      resolve();
    }),
  );

  /** Waits until `enough` finds an end in what was received, and takes that much. */
  async function take(enough: () => number): Promise<Buffer> {
    for (;;) {
      const end = enough();
      if (end >= 0) {
        const taken = received.subarray(0, end);
        received = received.subarray(end);
        return taken;
      }
      if (ended) throw new Error(`the connection ended after ${JSON.stringify(received.toString('latin1'))}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    socket,
    closed,
    send: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
    async answer({ noBody = false } = {}) {
      const head = (
        await take(() => {
          const end = received.indexOf('\r\n\r\n');
          return end < 0 ? end : end + 4;
        })
      ).toString('latin1');
      const [statusLine = '', ...lines] = head.trimEnd().split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
      const length = noBody ? 0 : Number(headers['Content-Length'] ?? 0);
      const body = await take(() => (received.length >= length ? length : -1));
      return { head, status: Number(statusLine.split(' ')[1]), headers, body };
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
