/** A push of the same task within this time is the same push (device-protocol 3.10). */
const SAME_PUSH_MS = 10_000;

/** Whoever is told of tasks. */
export interface ToldTasks {
  /** When each task was last told about; nothing while there was none. */
  told: Map<string, number> | undefined;
}

/** Whether the device has just been told of this task. */
export function hasJustHeard({ told }: ToldTasks, taskId: string, now: number): boolean {
  const last = told?.get(taskId);
  return last !== undefined && now - last < SAME_PUSH_MS;
}

export function remember(device: ToldTasks, taskId: string, now: number): void {
  device.told ??= new Map();
  for (const [other, at] of device.told) if (now - at >= SAME_PUSH_MS) device.told.delete(other);
  device.told.set(taskId, now);
}
