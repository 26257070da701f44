/**
 * A process with a device gateway that has nobody to ask: every device is let in, and what it is to be told is known.
 * Started by `push.ts`, to learn what the gateway can send at all.
 */
import type { DeviceRef, DeviceServices } from '../../src/domain/device-services.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { randomIds } from '../../src/lib/ids.ts';
import { silentLog } from '../../src/lib/log.ts';
import { openGateway } from '../../src/mqtt/gateway.ts';
import type { Nudge } from '../../src/store/engine.ts';
import type { PackageNotice } from '../../src/wire/device-messages.ts';

/** What the process is told: to tell all devices that are connected of a package. */
export interface PushOrder {
  readonly package: PackageNotice;
}

/** What it says when it listens. */
export interface BareGatewayReady {
  readonly mqtt: string;
}

const refuse = async (): Promise<never> => {
  throw new Error('nothing but logins and pushes here');
};

const known = new Map<string, DeviceRef>();
/** Those that an order is still to be told to: the gateway also asks when nobody has rung. */
const untold = new Set<string>();
let notice: PackageNotice | undefined;
let ring: (nudge: Nudge) => void = () => {};
let tasks = 0;

const services: DeviceServices = {
  async login({ productKey, deviceName }) {
    const device = { deviceId: `${productKey}${deviceName}`, productKey, deviceName };
    known.set(device.deviceId, device);
    return { ok: true, device };
  },
  connected: async () => {},
  disconnected: async () => {},
  confirm: async () => ({ replaced: [], barred: [], recorded: [] }),
  async claim(devices) {
    const told = notice;
    if (!told) return [];
    const asked = devices.filter(({ deviceId }) => untold.delete(deviceId));
    return asked.map((device) => {
      tasks += 1;
      const push = { kind: 'upgrade', messageId: systemClock.now(), package: told } as const;
      return { device, taskId: String(tasks), notice: push, fresh: true };
    });
  },
  register: refuse,
  answerGateway: refuse,
  checkSubDevices: refuse,
  report: refuse,
  answerBlock: refuse,
};

const gateway = await openGateway({
  services,
  onNudge(listener) {
    ring = listener;
    return { [Symbol.dispose]: () => {} };
  },
  clock: systemClock,
  log: silentLog,
  ids: randomIds(systemClock),
  listen: { host: '127.0.0.1', port: 0 },
});
process.on('message', (order: PushOrder) => {
  notice = order.package;
  for (const deviceId of known.keys()) untold.add(deviceId);
  ring({ kind: 'push', deviceIds: [...known.keys()] });
});
process.on('disconnect', () => process.exit());
process.send?.({ mqtt: `mqtt://127.0.0.1:${gateway.address.port}` } satisfies BareGatewayReady);
