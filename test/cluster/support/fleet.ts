import { randomBytes } from 'node:crypto';
import { systemClock } from '../../../src/lib/clock.ts';
import { createFleet, type Fleet, type Span } from '../../../src/simulate/fleet.ts';
import type { Credentials } from '../../acceptance/support/c-device.ts';
import { models } from '../../acceptance/support/clients.ts';
import { prepareRollout, type Rollout } from '../../acceptance/support/rollout.ts';
import { eventually } from '../../acceptance/support/wait.ts';
import type { Nodes } from './nodes.ts';

const PAGE = 50;

/** A product with a package of some kilobytes, asked for at the first node. */
export async function prepare({ all }: Nodes, name: string, devices = 0): Promise<Rollout> {
  const [node] = all;
  if (!node) throw new Error('there is no node');
  return prepareRollout(node, name, devices, randomBytes(4_096) as Buffer<ArrayBuffer>);
}

/** Registers many devices in one go. */
export async function registerMany({ sdk, productKey }: Rollout, count: number): Promise<Credentials[]> {
  const request = new models.BatchRegisterDeviceRequest({ productKey, count });
  const applyId = (await sdk.batchRegisterDevice(request)).body.data?.applyId ?? 0;
  await eventually(async () => {
    const asked = new models.QueryBatchRegisterDeviceStatusRequest({ productKey, applyId });
    const { body } = await sdk.queryBatchRegisterDeviceStatus(asked);
    if (body.data?.status !== 'CREATE_SUCCESS') throw new Error(`registering: ${body.data?.status}`);
  }, 60_000);
  const pages = await Promise.all(
    Array.from({ length: Math.ceil(count / PAGE) }, async (_, index) => {
      const page = new models.QueryPageByApplyIdRequest({ applyId, currentPage: index + 1, pageSize: PAGE });
      return (await sdk.queryPageByApplyId(page)).body.applyDeviceList?.applyDeviceInfo ?? [];
    }),
  );
  return pages.flat().map(({ deviceName = '', deviceSecret = '' }) => ({ productKey, deviceName, deviceSecret }));
}

/** Devices that connect at a time: many at once on a slow machine would only wait for each other until they give up. */
const BATCH = 250;

export interface Simulated extends AsyncDisposable {
  /** Resolves when every device has reported the new version, and that is acknowledged. */
  updated(): Promise<void>;
  /** Of all devices together. */
  totals(): { readonly downloads: number; readonly pushesAfterEnd: number };
}

/**
 * Lets devices at 1.0.0 connect through the balancer. Resolves when all of them have said so: a job for all devices is
 * for those.
 * @param delay from the push to the download
 */
export async function connectFleet(nodes: Nodes, devices: readonly Credentials[], delay: Span): Promise<Simulated> {
  await using stack = new AsyncDisposableStack();
  const { hostname: host, port } = new URL(nodes.mqtt);
  const fleets: Fleet[] = [];
  for (let from = 0; from < devices.length; from += BATCH) {
    const fleet = createFleet({
      identities: devices.slice(from, from + BATCH),
      host,
      port: Number(port),
      clock: systemClock,
      seed: from,
      delay,
      versions: { default: '1.0.0' },
      pace: { stepPercent: 50, stepMs: 0 },
      maxDownloads: 8,
    });
    fleets.push(stack.use(fleet));
    fleet.start();
    await reported(nodes, Math.min(devices.length, from + BATCH));
  }
  const running = stack.move();
  const sum = (of: (summary: ReturnType<Fleet['summary']>) => number) =>
    fleets.reduce((total, fleet) => total + of(fleet.summary()), 0);
  return {
    async updated() {
      const { signal } = new AbortController();
      await Promise.all(fleets.map((fleet) => fleet.whenSettled('2.0.0', 'default', signal)));
    },
    totals: () => ({
      downloads: sum(({ downloads }) => downloads),
      pushesAfterEnd: sum(({ pushesAfterEnd }) => pushesAfterEnd),
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Waits until so many devices have said their versions. */
async function reported({ sql }: Nodes, count: number): Promise<void> {
  await eventually(async () => {
    const [row] = await sql<{ count: string }>('select count(*) from module_version');
    if (Number(row?.count) !== count) throw new Error(`${row?.count} of ${count} devices have reported`);
  }, 120_000);
}

/** Rolls the package out to every device of the product. @returns the job's id */
export async function rollOutToAll({ sdk, productKey, firmwareId }: Rollout): Promise<string> {
  const request = new models.CreateOTAStaticUpgradeJobRequest({ firmwareId, productKey, targetSelection: 'ALL' });
  return (await sdk.createOTAStaticUpgradeJob(request)).body.data?.jobId ?? '';
}

/** Writes down every step of every task from here on, beside the server and without its knowing. */
export async function watchTasks({ sql }: Nodes): Promise<void> {
  await sql('create table watched (job_id text, seq bigint, was text, became text)');
  await sql(`create function watch() returns trigger language plpgsql as $$ begin
    insert into watched values (new.job_id, new.seq, old.status, new.status); return null; end $$`);
  await sql(`create trigger watch after update of status on task for each row
    when (old.status is distinct from new.status) execute function watch()`);
}

/** How often tasks of a job became what they became, by how often the same task did: `{ SUCCEEDED: { 1: 2000 } }`. */
export async function stepsOf({ sql }: Nodes, jobId: string): Promise<Record<string, Record<number, number>>> {
  const rows = await sql<{ became: string; times: string; tasks: string }>(
    `select became, times, count(*) as tasks
      from (select became, seq, count(*) as times from watched where job_id = '${jobId}' group by became, seq) as each
      group by became, times`,
  );
  const steps: Record<string, Record<number, number>> = {};
  for (const { became, times, tasks } of rows) {
    steps[became] = { ...steps[became], [Number(times)]: Number(tasks) };
  }
  return steps;
}

/** The counters of a job, and a count of its tasks, both by status and block. */
export async function countsOf({ sql }: Nodes, jobId: string) {
  const kept = await sql(
    `select status, block::int, count::int from task_count where job_id = '${jobId}' and count <> 0 order by 1, 2`,
  );
  const counted = await sql(
    `select status, (seq / 1024)::int as block, count(*)::int as count from task where job_id = '${jobId}'
      group by 1, 2 order by 1, 2`,
  );
  return { kept, counted };
}
