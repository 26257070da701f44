import type { Tx } from '../store/engine.ts';
import { lockActiveTasks, updateTasks } from '../store/queries/tasks.ts';
import { change } from './task-changes.ts';

/** Cancels what a device still had to do, because it is being deleted. */
export async function endTasksOfDevice(tx: Tx, now: number, deviceId: string): Promise<void> {
  const tasks = await lockActiveTasks(tx, [deviceId]);
  const changes = tasks.map((task) => change(task, 'canceled', now, { description: 'the device was deleted' }));
  await updateTasks(
    tx,
    changes.filter((changed) => changed !== undefined),
  );
  for (const jobId of new Set(tasks.map((task) => task.job_id))) tx.nudge({ kind: 'job', jobId });
}
