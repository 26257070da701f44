import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A stretch of network that can fail, between devices and one port of the server. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Where it leads. */
  to(origin: string): void;
  /** Nothing gets through any more in this direction, and nobody notices yet. */
  stall(direction: 'up' | 'down'): void;
  /** Every connection breaks, and none can be made until it is mended. */
  cut(): void;
  mend(): void;
}

export async function openWire(): Promise<Wire> {
  let target = 0;
  let isCut = false;
  const stalled = new Set<'up' | 'down'>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const carry = (from: Socket, onto: Socket, direction: 'up' | 'down') => {
    from.on('data', (bytes) => {
      if (stalled.has(direction)) return;
      if (!onto.write(bytes)) from.pause();
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
    const onward = connect(target, '127.0.0.1');
    keep(onward);
    carry(device, onward, 'up');
    carry(onward, device, 'down');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    to(origin) {
      target = Number(new URL(origin).port);
    },
    stall: (direction) => void stalled.add(direction),
    cut,
    mend() {
      isCut = false;
      stalled.clear();
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
