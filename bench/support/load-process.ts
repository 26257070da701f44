/** The process that makes calls by the thousand, so that the load does not share an event loop with who measures. */
import { type Caller, openConnection, type SignedCall, signedRequest } from './signed-calls.ts';
import { quantile } from './statistics.ts';

/** Calls to make in turn, `count` in all, over that many connections at a time. */
export interface LoadOrder {
  readonly caller: Caller;
  readonly calls: readonly SignedCall[];
  readonly count: number;
  readonly connections: number;
}

export interface LoadReport {
  /** Calls a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

async function run({ caller, calls, count, connections }: LoadOrder): Promise<LoadReport> {
  // signed before the clock runs
  const requests = Array.from({ length: count }, (_, index) => {
    const call = calls[index % calls.length] as SignedCall;
    return { bytes: signedRequest(caller, call), expect: call.expect };
  });
  using stack = new DisposableStack();
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(caller.endpoint)));
  for (const connection of open) stack.use(connection);
  const times: number[] = [];
  const started = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      for (let next = requests.pop(); next; next = requests.pop()) {
        const begun = performance.now();
        await connection.send(next.bytes, next.expect);
        times.push(performance.now() - begun);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1_000;
  return { rate: count / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (report) => process.send?.(report),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
});
