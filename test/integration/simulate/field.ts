import type { DeviceRef, DeviceServices, Push } from '../../../src/domain/device-services.ts';
import type { DeviceIdentity } from '../../../src/simulate/link.ts';
import type { Nudge } from '../../../src/store/engine.ts';
import type { DeviceMessage, Notice, PackageNotice } from '../../../src/wire/device-messages.ts';
import { verifyConnect } from '../../../src/wire/mqtt-connect.ts';

export interface FieldTask {
  readonly package: PackageNotice;
  status: 'QUEUED' | 'NOTIFIED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
  readonly steps: number[];
  description: string;
  pushes: number;
}

/** The rules of the server in memory, one task a device: what a gateway asks, and what a test wants to know. */
export interface Field {
  readonly services: DeviceServices;
  readonly onNudge: (listener: (nudge: Nudge) => void) => Disposable;
  identities(count: number): DeviceIdentity[];
  /** Gives a device a new task and rings for it. */
  assign(deviceName: string, notice: PackageNotice, options?: { needPush?: boolean }): FieldTask;
  task(deviceName: string): FieldTask;
  /** Sends the package again although it was sent. */
  pushAgain(deviceName: string): void;
  readonly versions: ReadonlyMap<string, string>;
  /** What devices may fetch over MQTT, by stream. */
  readonly streams: Map<number, Buffer>;
  /** How many of the next requests for a block stay without an answer. */
  mute(requests: number): void;
  readonly informs: ReadonlyArray<[deviceName: string, version: string]>;
}

const productKey = 'a1simulated';

export function createField(): Field {
  const secrets = new Map<string, string>();
  const tasks = new Map<string, FieldTask & { needPush: boolean; again: boolean }>();
  const versions = new Map<string, string>();
  const informs: Array<[string, string]> = [];
  const listeners = new Set<(nudge: Nudge) => void>();
  const streams = new Map<number, Buffer>();
  let messageId = 1_000;
  let muted = 0;

  const ring = (deviceName: string) => {
    for (const listener of listeners) listener({ kind: 'push', deviceIds: [deviceName] });
  };
  const isOpen = (task: FieldTask) => !['SUCCEEDED', 'FAILED'].includes(task.status);

  const hear = (deviceName: string, message: DeviceMessage): Notice[] => {
    const task = tasks.get(deviceName);
    switch (message.kind) {
      case 'inform':
        informs.push([deviceName, message.version]);
        versions.set(deviceName, message.version);
        if (task === undefined || !isOpen(task)) return [];
        if (task.package.version === message.version) task.status = 'SUCCEEDED';
        else if (task.status === 'IN_PROGRESS' && message.version !== '1.0.0') task.status = 'FAILED';
        return [];
      case 'progress':
        if (task === undefined || !isOpen(task)) return [];
        task.steps.push(message.step);
        task.description = message.description;
        task.status = message.step < 0 ? 'FAILED' : 'IN_PROGRESS';
        return [];
      case 'get':
        if (task?.status === 'QUEUED') task.status = 'NOTIFIED';
        return [{ kind: 'getReply', id: message.id, package: task && isOpen(task) ? task.package : undefined }];
      default:
        return [];
    }
  };

  const claim = (devices: readonly DeviceRef[], scope: 'fresh' | 'all'): Push[] =>
    devices.flatMap((device) => {
      const task = tasks.get(device.deviceName);
      if (
        task === undefined ||
        !task.needPush ||
        !(task.again || (isOpen(task) && (scope === 'all' || task.status === 'QUEUED')))
      )
        return [];
      if (task.status === 'QUEUED') task.status = 'NOTIFIED';
      task.again = false;
      task.pushes++;
      return [
        {
          device,
          taskId: `task-${device.deviceName}-${task.pushes}`,
          notice: { kind: 'upgrade', messageId: ++messageId, package: task.package },
        },
      ];
    });

  return {
    versions,
    informs,
    streams,
    mute(requests) {
      muted = requests;
    },
    services: {
      async login(found) {
        const secret = secrets.get(found.deviceName);
        if (secret === undefined || !verifyConnect(found, secret))
          return { ok: false, reason: 'refused', detail: 'test' };
        return { ok: true, device: { deviceId: found.deviceName, productKey, deviceName: found.deviceName } };
      },
      register: async () => ({ ok: false, error: 'registrationOff' }),
      answerGateway: async () => ({ ok: false, error: 'noGateway' }),
      checkSubDevices: async () => ({ ok: false, error: 'noGateway' }),
      connected: async () => undefined,
      disconnected: async () => undefined,
      confirm: async () => ({ replaced: [], barred: [], recorded: [] }),
      report: async (device, message) => hear(device.deviceName, message).map((notice) => ({ notice })),
      claim: async (devices, scope) => claim(devices, scope),
      async answerBlock(_devices, { request }) {
        if (muted > 0) {
          muted--;
          throw new Error('no answer to this one');
        }
        if (typeof request === 'string') return { ok: false, code: 460, reason: request };
        const file = streams.get(request.streamId);
        if (!file) return { ok: false, code: 404, reason: 'no such file' };
        const { offset, size } = request;
        return { ok: true, fileLength: file.length, offset, bytes: file.subarray(offset, offset + size) };
      },
    },
    onNudge(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    identities: (count) =>
      Array.from({ length: count }, () => {
        const deviceName = `device-${secrets.size}`;
        secrets.set(deviceName, `secret of ${deviceName}`);
        return { productKey, deviceName, deviceSecret: `secret of ${deviceName}` };
      }),
    assign(deviceName, notice, { needPush = true } = {}) {
      const task = {
        package: notice,
        status: 'QUEUED' as const,
        steps: [],
        description: '',
        pushes: 0,
        needPush,
        again: false,
      };
      tasks.set(deviceName, task);
      ring(deviceName);
      return task;
    },
    task(deviceName) {
      const task = tasks.get(deviceName);
      if (task === undefined) throw new Error(`${deviceName} has no task`);
      return task;
    },
    pushAgain(deviceName) {
      const task = tasks.get(deviceName);
      if (task !== undefined) task.again = true;
      ring(deviceName);
    },
  };
}
