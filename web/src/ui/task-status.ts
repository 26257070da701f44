/** States of a task, in the order in which it passes through them. */
export const taskStatuses = [
  'CONFIRM',
  'QUEUED',
  'NOTIFIED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];
