import type { Log } from '../../../src/lib/log.ts';
import { type Gateway, type GatewayOptions, openGateway } from '../../../src/mqtt/gateway.ts';
import type { Nudge } from '../../../src/store/engine.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';
import { FakeServices } from './fake-services.ts';

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly port: number;
  readonly services: FakeServices;
  readonly clock: TestClock;
  /** Messages of the log at warn and above. */
  readonly complaints: string[];
  nudge(nudge: Nudge): void;
}

/** A real gateway on a free port with a clock that stands still and rules that answer at once. */
export async function openTestGateway(options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const services = new FakeServices();
  const clock = createTestClock();
  const complaints: string[] = [];
  const listeners = new Set<(nudge: Nudge) => void>();
  let lastId = 0;
  const complain = (_fields: object, message: string) => void complaints.push(message);
  const log: Log = { debug() {}, info() {}, warn: complain, error: complain };
  const gateway = await openGateway({
    services,
    clock,
    log,
    ids: { id: () => `c${++lastId}` },
    listen: { host: '127.0.0.1', port: 0 },
    onNudge(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    ...options,
    // without the grace for a first report, unless a test is about it
    limits: { arrivalMs: 0, ...options.limits },
  });
  return {
    gateway,
    port: gateway.address.port,
    services,
    clock,
    complaints,
    nudge: (nudge) => {
      for (const listener of listeners) listener(nudge);
    },
    async [Symbol.asyncDispose]() {
      const drained = gateway.drain();
      // a peer that does not close its side is given up in time
      for (let step = 0; step < 8; step++) await clock.advance(1_000);
      await drained;
    },
  };
}

/** Waits for an effect of real I/O. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
