import { systemClock } from '../../../src/lib/clock.ts';
import type { Gateway } from '../../../src/mqtt/gateway.ts';
import {
  createSimulatedDevice,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from '../../../src/simulate/device.ts';
import type { DeviceEvent } from '../../../src/simulate/events.ts';
import { createField, type Field } from './field.ts';
import { openFieldGateway } from './gateway.ts';

export const FAST = { backoff: { minMs: 5, maxMs: 20 }, pace: { retryDelayMs: 1 } };

export interface Watched {
  readonly device: SimulatedDevice;
  readonly name: string;
  readonly events: DeviceEvent[];
  /** Resolves with the first event of this kind, from the beginning of the device on, or from event number `from`. */
  seen<K extends DeviceEvent['kind']>(kind: K, from?: number): Promise<Extract<DeviceEvent, { kind: K }>>;
}

export interface World extends AsyncDisposable {
  readonly field: Field;
  readonly port: number;
  /** A started device of its own identity. */
  device(options?: Partial<SimulatedDeviceOptions>): Watched;
  stopGateway(): Promise<void>;
  /** On the same port, with the same rules: what a restart leaves of a server. */
  startGateway(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const field = createField();
  const started: SimulatedDevice[] = [];
  let gateway: Gateway | undefined = await openFieldGateway(field);
  const { port } = gateway.address;
  const stopGateway = async () => {
    await gateway?.[Symbol.asyncDispose]();
    gateway = undefined;
  };
  return {
    field,
    port,
    device(options = {}) {
      const [identity] = field.identities(1);
      const events: DeviceEvent[] = [];
      const waiting = new Set<() => void>();
      const device = createSimulatedDevice({
        identity: identity as NonNullable<typeof identity>,
        host: '127.0.0.1',
        port,
        clock: systemClock,
        ...FAST,
        ...options,
        onEvent(event) {
          events.push(event);
          for (const look of [...waiting]) look();
        },
      });
      started.push(device);
      device.start();
      return {
        device,
        name: device.identity.deviceName,
        events,
        seen: <K extends DeviceEvent['kind']>(kind: K, from = 0) =>
          new Promise<Extract<DeviceEvent, { kind: K }>>((resolve) => {
            const look = () => {
              const found = events.slice(from).find((event) => event.kind === kind);
              if (found === undefined) return;
              waiting.delete(look);
              resolve(found as Extract<DeviceEvent, { kind: K }>);
            };
            waiting.add(look);
            look();
          }),
      };
    },
    stopGateway,
    async startGateway() {
      gateway = await openFieldGateway(field, port);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((device) => device[Symbol.asyncDispose]()));
      await stopGateway();
    },
  };
}
