import type { TaskTable } from '../../../src/store/schema.ts';

/** A task of job `j` with every column filled in. */
export function taskRow(seq: number, changes: Partial<TaskTable> = {}): TaskTable {
  return {
    job_id: 'j',
    seq,
    device_id: `device-${seq}`,
    device_name: `name-${seq}`,
    src_version: '1.0.0',
    status: 'QUEUED',
    description: '',
    progress: 0,
    active_module: 'default',
    retries: 0,
    created_at: 1,
    modified_at: 2,
    first_progress_at: null,
    retry_at: null,
    due_at: null,
    waiting_at: null,
    cause: null,
    attempts: 0,
    ...changes,
  };
}
