import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '../src/cli/api-client.ts';
import { type Config, readConfig } from '../src/config/env.ts';
import { silentLog } from '../src/lib/log.ts';
import { openStore, type Store } from '../src/open-store.ts';
import { startServer } from '../src/server.ts';
import { insertFirmware } from '../src/store/queries/firmware.ts';
import { insertJob } from '../src/store/queries/jobs.ts';
import { insertTasks, type TaskRow } from '../src/store/queries/tasks.ts';
import type { TaskStatus } from '../src/store/schema.ts';
import { jobRow } from '../test/support/job-row.ts';
import type { Result } from './main.ts';

const PAGE = 10;

/** Is a deep page as fast as the first one? ListOTATaskByJob, signed, over HTTP, on the embedded database. */
export async function benchList({ quick }: { readonly quick: boolean }): Promise<Result> {
  const tasks = quick ? 2_000 : 100_000;
  const rounds = quick ? 5 : 300;
  await using stack = new AsyncDisposableStack();
  const data = await mkdtemp(join(tmpdir(), 'otaru-bench-'));
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const config: Config = {
    ...readConfig({ OTARU_DATA: data, OTARU_LIMITS: 'open' }),
    http: { host: '127.0.0.1', port: 0 },
    mqtt: { host: '127.0.0.1', port: 0 },
  };
  const server = stack.use(await startServer(config, { log: silentLog }));
  const client = createApiClient(server.http, server.rootKey as NonNullable<typeof server.rootKey>);
  const { Data: product } = await client.call('CreateProduct', { ProductName: 'bench', NodeType: 0 });
  await using store = await openStore(config, { log: silentLog });
  const jobId = await fillJob(store, product.ProductKey, tasks);

  const variants = [
    { what: 'first page, all', page: 1, status: undefined },
    { what: 'last page, all', page: tasks / PAGE, status: undefined },
    { what: 'first page, SUCCEEDED (90 %)', page: 1, status: 'SUCCEEDED' },
    { what: 'last page, SUCCEEDED (90 %)', page: (tasks * 0.9) / PAGE, status: 'SUCCEEDED' },
    { what: 'first page, FAILED (1 %)', page: 1, status: 'FAILED' },
    { what: 'last page, FAILED (1 %)', page: (tasks * 0.01) / PAGE, status: 'FAILED' },
  ] as const;
  const times = variants.map((): number[] => []);
  // interleaved, so that a noisy moment falls on all of them
  for (let round = -5; round < rounds; round++) {
    for (const [index, { page, status }] of variants.entries()) {
      const start = performance.now();
      const answer = await client.call('ListOTATaskByJob', {
        JobId: jobId,
        CurrentPage: page,
        PageSize: PAGE,
        TaskStatus: status,
      });
      const took = performance.now() - start;
      if (answer['Data'].SimpleOTATaskInfo.length !== PAGE)
        throw new Error(`${variants[index]?.what}: not a full page`);
      if (round >= 0) times[index]?.push(took);
    }
  }
  const medians = times.map(median);
  return {
    name: `ListOTATaskByJob, job of ${tasks.toLocaleString('en')} tasks, ${PAGE} rows, SQLite, median of ${rounds}`,
    rows: variants.map(({ what }, index) => {
      const row = { what, value: `${(medians[index] as number).toFixed(2)} ms` };
      // each last page against the first page of its kind
      return index % 2 === 0
        ? row
        : {
            ...row,
            ratio: (medians[index] as number) / (medians[index - 1] as number),
            target: index === 1 ? '≤ 1.3' : '≤ 1.5',
          };
    }),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** 90 % succeeded, 1 % failed, the others on their way, mixed as a rollout leaves them. */
function statusOf(seq: number): TaskStatus {
  const place = seq % 100;
  if (place === 50) return 'FAILED';
  if (place % 10 === 9 && place < 80) return 'QUEUED';
  return place === 99 ? 'IN_PROGRESS' : 'SUCCEEDED';
}

/** A job with tasks, written in the way that the server writes them. */
async function fillJob({ engine, clock, ids }: Store, productKey: string, count: number): Promise<string> {
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
