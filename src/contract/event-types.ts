/** What webhooks and consumers can be told of. */
export const eventTypes = [
  'device.online',
  'device.offline',
  'device.created',
  'device.deleted',
  'device.enabled',
  'device.disabled',
  'ota.task.succeeded',
  'ota.task.failed',
  'ota.task.canceled',
  'ota.task.progress',
  'ota.version.changed',
  'ota.job.updated',
] as const;

export type EventType = (typeof eventTypes)[number];
