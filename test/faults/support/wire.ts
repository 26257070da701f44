import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A stretch of network that can fail, between devices and one port of the server. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Where it leads: an origin, or the path of a socket. */
  to(where: string): void;
  /** Nothing gets through any more in this direction, and nobody notices yet. */
  stall(direction: 'up' | 'down'): void;
  /** Everything stands still, and goes on when it is mended: nothing is lost. */
  hold(): void;
  /** Whatever goes through is so many milliseconds late. */
  slow(byMs: number): void;
  /** Every connection breaks, and none can be made until it is mended. */
  cut(): void;
  mend(): void;
}

export async function openWire(): Promise<Wire> {
  let target: NetConnectOpts = { port: 0 };
  let held: PromiseWithResolvers<void> | undefined;
  let lateMs = 0;
  let isCut = false;
  const stalled = new Set<'up' | 'down'>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const carry = (from: Socket, onto: Socket, direction: 'up' | 'down') => {
    from.on('data', async (bytes) => {
      if (stalled.has(direction)) return;
      if (held || lateMs > 0) {
        from.pause();
        if (lateMs > 0) await delay(lateMs);
        await held?.promise;
        from.resume();
      }
      if (!onto.destroyed && !onto.write(bytes)) from.pause();
    });
    onto.on('drain', () => from.resume());
    from.on('close', () => onto.destroy());
  };
  const server = createServer((device) => {
    keep(device);
    if (isCut) {
      device.destroy();
      return;
    }
    const onward = connect(target);
    keep(onward);
    carry(device, onward, 'up');
    carry(onward, device, 'down');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of sockets) if (socket.remoteAddress) socket.resetAndDestroy();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    to(where) {
      target = where.startsWith('/') ? { path: where } : { port: Number(new URL(where).port), host: '127.0.0.1' };
    },
    stall: (direction) => void stalled.add(direction),
    hold() {
      held ??= Promise.withResolvers();
    },
    slow(byMs) {
      lateMs = byMs;
    },
    cut,
    mend() {
      isCut = false;
      lateMs = 0;
      stalled.clear();
      held?.resolve();
      held = undefined;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
