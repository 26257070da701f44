import { once } from 'node:events';
import { connect, createServer, isIPv6, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a proxy writes first, as text (version 1). */
export function proxyHeaderV1(address: string, port: number): Buffer {
  const [family, own] = isIPv6(address) ? ['TCP6', '::1'] : ['TCP4', '127.0.0.1'];
  return Buffer.from(`PROXY ${family} ${address} ${own} ${port} 1883\r\n`, 'latin1');
}

/** The same in binary (version 2). */
export function proxyHeaderV2(address: string, port: number): Buffer {
  const [family, own] = isIPv6(address) ? [0x21, '::1'] : [0x11, '127.0.0.1'];
  const body = Buffer.concat([addressBytes(address), addressBytes(own as string), Buffer.alloc(4)]);
  body.writeUInt16BE(port, body.length - 4);
  const head = Buffer.from('0d0a0d0a000d0a515549540a2100000c', 'hex');
  head[13] = family as number;
  head.writeUInt16BE(body.length, 14);
  return Buffer.concat([head, body]);
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [left = '', right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [before, after] = [groups(left), groups(right)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Puts a header before what clients send. @returns the port where they connect */
export async function openProxy(target: number, header: Buffer): Promise<number> {
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    sockets.push(client, server);
    for (const socket of [client, server]) socket.on('error', () => {});
    server.write(header);
    client.pipe(server).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return (proxy.address() as { port: number }).port;
}
