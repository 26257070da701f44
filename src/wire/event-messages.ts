import type { EventType } from '../contract/event-types.ts';
import type { DeviceNames } from './device-topics.ts';
import { chinaTimeText, utcText } from './time.ts';

/** What is told to those who listen (storage-and-events 3.5, 4.3; device-protocol 6). */
export interface EventMessage {
  readonly productKey: string;
  /** As subscriptions of the vendor's service name it. */
  readonly topic: string;
  readonly type: EventType;
  /** Never holds a secret. */
  readonly payload: Readonly<Record<string, string | number>>;
}

export interface NamedDevice extends DeviceNames {
  /** The IotId. */
  readonly deviceId: string;
}

/** @param now milliseconds, as everywhere here */
export function deviceStatusEvent(
  { deviceId, productKey, deviceName }: NamedDevice,
  status: 'online' | 'offline',
  clientIp: string,
  now: number,
): EventMessage {
  // the end or begin of a connection is noticed with its last or first traffic
  const [local, utc] = [`${chinaTimeText(now)}.${String(now % 1000).padStart(3, '0')}`, utcText(now)];
  return {
    productKey,
    topic: `/as/mqtt/status/${productKey}/${deviceName}`,
    type: `device.${status}`,
    payload: {
      status,
      iotId: deviceId,
      productKey,
      deviceName,
      time: local,
      utcTime: utc,
      lastTime: local,
      utcLastTime: utc,
      clientIp,
    },
  };
}

const lifecycleTypes = {
  create: 'device.created',
  delete: 'device.deleted',
  enable: 'device.enabled',
  disable: 'device.disabled',
} as const;

/** `deviceSecret` is empty: whoever listens gets no credentials. */
export function deviceLifecycleEvent(
  { deviceId, productKey, deviceName }: NamedDevice,
  action: keyof typeof lifecycleTypes,
  now: number,
): EventMessage {
  return {
    productKey,
    topic: `/${productKey}/${deviceName}/thing/lifecycle`,
    type: lifecycleTypes[action],
    payload: { action, iotId: deviceId, productKey, deviceName, deviceSecret: '', messageCreateTime: now },
  };
}

/** What events about a task tell of it. */
export interface EventTask extends NamedDevice {
  readonly module: string;
  readonly srcVersion: string;
  readonly destVersion: string;
  readonly jobId: string;
  readonly taskId: string;
}

const endTypes = {
  SUCCEEDED: 'ota.task.succeeded',
  FAILED: 'ota.task.failed',
  CANCELED: 'ota.task.canceled',
} as const;

/** @param description of the task; a success says `success` */
export function taskEndedEvent(
  { deviceId, productKey, deviceName, module, srcVersion, destVersion, jobId, taskId }: EventTask,
  status: keyof typeof endTypes,
  description: string,
  now: number,
): EventMessage {
  return {
    productKey,
    topic: `/${productKey}/${deviceName}/ota/upgrade`,
    type: endTypes[status],
    payload: {
      iotId: deviceId,
      productKey,
      deviceName,
      status,
      moduleName: module,
      messageCreateTime: now,
      srcVersion,
      destVersion,
      desc: status === 'SUCCEEDED' ? 'success' : description,
      jobId,
      taskId,
    },
  };
}

/** @param step 0 to 100, or -1 to -4 for a failure */
export function taskProgressEvent(
  { deviceId, productKey, deviceName, module, srcVersion, destVersion, jobId, taskId }: EventTask,
  step: number,
  description: string,
  now: number,
): EventMessage {
  return {
    productKey,
    topic: `/${productKey}/${deviceName}/ota/progress/post`,
    type: 'ota.task.progress',
    payload: {
      iotId: deviceId,
      productKey,
      deviceName,
      moduleName: module,
      srcVersion,
      destVersion,
      step,
      desc: description,
      jobId,
      taskId,
      messageCreateTime: now,
    },
  };
}

export function versionChangedEvent(
  { deviceId, productKey, deviceName }: NamedDevice,
  { module, version }: { readonly module: string; readonly version: string },
  now: number,
): EventMessage {
  return {
    productKey,
    topic: `/${productKey}/${deviceName}/ota/version/post`,
    type: 'ota.version.changed',
    payload: {
      iotId: deviceId,
      deviceName,
      productKey,
      moduleName: module,
      moduleVersion: version,
      messageCreateTime: now,
    },
  };
}

export function jobUpdatedEvent(
  job: {
    readonly productKey: string;
    readonly firmwareId: string;
    readonly jobId: string;
    readonly module: string;
  },
  status: 'PLANNED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELED',
  now: number,
): EventMessage {
  const { productKey, firmwareId, jobId, module } = job;
  return {
    productKey,
    topic: `/${productKey}/${firmwareId}/${jobId}/ota/job/status`,
    type: 'ota.job.updated',
    payload: { productKey, moduleName: module, packageId: firmwareId, jobId, status, messageCreateTime: now },
  };
}
