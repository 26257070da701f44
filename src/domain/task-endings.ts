import type { Tx } from '../store/engine.ts';
import { lockActiveTasks } from '../store/queries/tasks.ts';
import type { EventDeps } from './events.ts';
import { change, writeTasks } from './task-changes.ts';

/** Cancels what a device still had to do, because it is being deleted. */
export async function endTasksOfDevice(tx: Tx, deps: EventDeps, deviceId: string): Promise<void> {
  const now = deps.clock.now();
  const tasks = await lockActiveTasks(tx, [deviceId]);
  await writeTasks(
    tx,
    deps,
    tasks.map((task) => change(task, 'canceled', now, { description: 'the device was deleted' })),
  );
}
