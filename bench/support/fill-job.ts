import type { Store } from '../../src/open-store.ts';
import { insertFirmware } from '../../src/store/queries/firmware.ts';
import { insertJob } from '../../src/store/queries/jobs.ts';
import { insertTasks, type TaskRow } from '../../src/store/queries/tasks.ts';
import type { TaskStatus } from '../../src/store/schema.ts';
import { jobRow } from '../../test/support/job-row.ts';

/** 90 % succeeded, 1 % failed, the others on their way, mixed as a rollout leaves them. */
function statusOf(seq: number): TaskStatus {
  const place = seq % 100;
  if (place === 50) return 'FAILED';
  if (place % 10 === 9 && place < 80) return 'QUEUED';
  return place === 99 ? 'IN_PROGRESS' : 'SUCCEEDED';
}

/** A job with tasks, written in the way that the server writes them. */
export async function fillJob({ engine, clock, ids }: Store, productKey: string, count: number): Promise<string> {
  const now = clock.now();
  const jobId = ids.id();
  const firmwareId = ids.id();
  await engine.transaction(async (tx) => {
    const product = await tx.db
      .selectFrom('product')
      .selectAll()
      .where('key', '=', productKey)
      .executeTakeFirstOrThrow();
    const versions = { module: 'default', src_version: '', dest_version: '2.0.0' };
    await insertFirmware(
      tx,
      {
        ...versions,
        id: firmwareId,
        instance_id: product.instance_id,
        product_key: productKey,
        name: 'bench',
        description: '',
        type: 0,
        sign_method: 'MD5',
        status: -1,
        udi: '',
        created_at: now,
        modified_at: now,
      },
      [{ firmware_id: firmwareId, position: 0, name: '', upload_key: 'none', size: 1, md5: '', sign: '' }],
    );
    await insertJob(
      tx,
      jobRow({
        ...versions,
        id: jobId,
        instance_id: product.instance_id,
        firmware_id: firmwareId,
        product_key: productKey,
        timeout_minutes: 60,
        task_total: count,
        created_at: now,
        modified_at: now,
        // far ahead: no scheduler looks at it meanwhile
        due_at: now + 86_400_000,
      }),
      [],
    );
  });
  const chunk = 1_000;
  for (let start = 0; start < count; start += chunk) {
    await engine.transaction((tx) =>
      insertTasks(
        tx,
        Array.from({ length: Math.min(chunk, count - start) }, (_, offset): TaskRow => {
          const seq = start + offset;
          const status = statusOf(seq);
          const ended = status === 'SUCCEEDED' || status === 'FAILED';
          return {
            job_id: jobId,
            seq,
            device_id: `bench${String(seq).padStart(20, '0')}`,
            device_name: `device-${String(seq).padStart(7, '0')}`,
            src_version: '1.0.0',
            status,
            description: '',
            progress: ended ? 100 : 0,
            active_module: ended ? null : 'default',
            retries: 0,
            created_at: now,
            modified_at: now,
            first_progress_at: null,
            retry_at: null,
            due_at: null,
            waiting_at: null,
          };
        }),
      ),
    );
  }
  return jobId;
}
