import { WebSocket } from 'ws';
import type { BenchServer } from './server.ts';

/** Variables for a server whose garbage is to be collected on demand. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const;

/** Has a server started with {@link inspected} collect its garbage: what is left is what it holds. */
export async function collectGarbage({ otaru }: BenchServer): Promise<void> {
  const address = /Debugger listening on (ws:\S+)/.exec(otaru.log())?.[1];
  if (!address) throw new Error('the server is not inspected');
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const collected = new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
  await collected;
  socket.close();
}
