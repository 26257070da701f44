import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, uploadPackage } from '../../src/cli/api-client.ts';
import type { Engine } from '../../src/store/engine.ts';
import { NEW_VERSION } from './fleet.ts';

const PACKAGE_BYTES = 4_096;

/** Uploads a package that needs no verification. @returns its id */
export async function uploadFirmware(client: ApiClient, productKey: string): Promise<string> {
  const { Data: firmware } = await client.call('CreateOTAFirmware', {
    FirmwareName: `bench_${randomBytes(4).toString('hex')}`,
    DestVersion: NEW_VERSION,
    ProductKey: productKey,
    FirmwareUrl: await uploadPackage(client, randomBytes(PACKAGE_BYTES)),
    SignMethod: 'SHA256',
    NeedToVerify: false,
  });
  return firmware.FirmwareId;
}

/** Starts a job for all devices of a product. @returns its id */
export async function startJob(client: ApiClient, productKey: string, firmwareId: string): Promise<string> {
  const { Data: job } = await client.call('CreateOTAStaticUpgradeJob', {
    FirmwareId: firmwareId,
    ProductKey: productKey,
    TargetSelection: 'ALL',
  });
  return job.JobId;
}

/** Waits until a job has made its tasks. */
export async function tasksMade({ read }: Engine, jobId: string, count: number): Promise<void> {
  for (;;) {
    const { task_total: total } = await read
      .selectFrom('job')
      .select('task_total')
      .where('id', '=', jobId)
      .executeTakeFirstOrThrow();
    if (total >= count) return;
    await sleep(50);
  }
}

/** Waits until all tasks of a job have ended. */
export async function noneLeft({ read }: Engine, jobId: string): Promise<void> {
  for (;;) {
    const row = await read
      .selectFrom('task')
      .select('seq')
      .where('job_id', '=', jobId)
      .where('active_module', 'is not', null)
      .limit(1)
      .executeTakeFirst();
    if (!row) return;
    await sleep(50);
  }
}

/**
 * How many tasks of a job are in each state.
 * @throws Error when the counters say something else than the tasks
 */
export async function countedStates({ read }: Engine, jobId: string): Promise<Readonly<Record<string, number>>> {
  const counters = await read
    .selectFrom('task_count')
    .select(['status', (eb) => eb.fn.sum<number>('count').as('count')])
    .where('job_id', '=', jobId)
    .groupBy('status')
    .execute();
  const tasks = await read
    .selectFrom('task')
    .select(['status', (eb) => eb.fn.countAll<number>().as('count')])
    .where('job_id', '=', jobId)
    .groupBy('status')
    .execute();
  const toRecord = (rows: typeof tasks) =>
    Object.fromEntries(
      rows
        .filter(({ count }) => Number(count) > 0)
        .map(({ status, count }) => [status, Number(count)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  const [counted, found] = [toRecord(counters), toRecord(tasks)];
  if (JSON.stringify(counted) !== JSON.stringify(found)) {
    throw new Error(`the counters say ${JSON.stringify(counted)}, the tasks ${JSON.stringify(found)}`);
  }
  return found;
}
