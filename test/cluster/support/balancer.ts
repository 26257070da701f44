import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A balancer of TCP connections as simple as there are: it knows who it sends to, and not how they are. */
export interface Balancer extends AsyncDisposable {
  readonly port: number;
  add(origin: string): void;
}

/** Each connection goes to the next node in turn; to the one after it when that does not listen. */
export async function openBalancer(): Promise<Balancer> {
  const targets: number[] = [];
  const sockets = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  };
  const join = (client: Socket, attempts: number) => {
    const port = targets[turn++ % targets.length] as number;
    const node = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    keep(node);
    const refused = () => (attempts > 1 ? join(client, attempts - 1) : client.resetAndDestroy());
    node.once('error', refused);
    node.once('connect', () => {
      node.off('error', refused);
      for (const [one, other] of [
        [client, node],
        [node, client],
      ] as const) {
        one.pipe(other);
        // what breaks on one side breaks on the other
        one.on('error', () => other.resetAndDestroy());
        one.on('close', () => other.end());
      }
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    client.on('error', () => client.destroy());
    join(client, targets.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    add: (origin) => void targets.push(Number(new URL(origin).port)),
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
