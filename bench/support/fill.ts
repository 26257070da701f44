import { type RawBuilder, sql } from 'kysely';
import type { Store } from '../../src/open-store.ts';
import type { Tx } from '../../src/store/engine.ts';
import { insertFirmware } from '../../src/store/queries/firmware.ts';
import { insertJob } from '../../src/store/queries/jobs.ts';
import type { Schema, TaskStatus } from '../../src/store/schema.ts';
import { jobRow } from '../../test/support/job-row.ts';
import { deviceName as nameOf } from './devices.ts';

/**
 * Rows of one transaction: well below a second, so that the server beside it has its turn. Rows are made inside the
 * database: a million of them are to be there in seconds, and what fills tables is not what is measured.
 */
const CHUNK = 20_000;

/** Of what a benchmark fills tables with: the `seq`th device of a product, and what it proves itself with. */
export const filledDevice = (productKey: string, seq: number) => ({
  productKey,
  deviceName: nameOf(seq),
  deviceSecret: 'benchDeviceSecret00000000000000',
});

const padded = sql`substr(cast(10000000 + n as text), 2)`;
const deviceName = sql`'device-' || ${padded}`;
const deviceId = (productKey: string) => sql`${productKey} || 'bench' || ${padded}`;

/** Adds `count` devices to a product that has none, offline, each of which has connected before and reported version 1.0.0. */
export async function fillDevices(store: Store, productKey: string, count: number): Promise<void> {
  const now = store.clock.now();
  const { instance_id: instanceId } = await findProduct(store, productKey);
  // sealing takes longer than writing the row: one secret for all
  const secret = store.vault.seal(filledDevice(productKey, 0).deviceSecret);
  const id = deviceId(productKey);
  const tallied = await isPostgres(store);
  await inChunks(store, count, async (insert, tx) => {
    // 20,000 deferred triggers that change ten rows take seconds; the tally is added up at once below
    if (tallied) await sql`set local session_replication_role = replica`.execute(tx.db);
    await insert('device', {
      id,
      instance_id: sql`${instanceId}`,
      product_key: sql`${productKey}`,
      name: deviceName,
      secret: sql`${secret}`,
      nickname: sql`''`,
      status: sql`3`,
      active_at: sql`${sql.lit(now)}`,
      online_at: sql`${sql.lit(now)}`,
      status_at: sql`${sql.lit(now)}`,
      ip: sql`null`,
      created_at: sql`${sql.lit(now)}`,
      modified_at: sql`${sql.lit(now)}`,
    });
    await insert('module_version', {
      device_id: id,
      module: sql`'default'`,
      version: sql`'1.0.0'`,
      reported_at: sql`${sql.lit(now)}`,
    });
  });
  await store.engine.transaction(async ({ db }) => {
    await sql`update product set device_count = device_count + ${count} where key = ${productKey}`.execute(db);
    if (tallied) {
      await sql`insert into device_tally (product_key, shard, inactive, online, offline, disabled, activated)
        select product_key, right(id, 1), 0, 0, count(*), 0, count(*) from device where product_key = ${productKey}
        group by product_key, right(id, 1)`.execute(db);
    }
  });
  await gatherStatistics(store);
}

/**
 * A running job of the devices that {@link fillDevices} makes (which need not be there), whose tasks exist.
 * @param status of every task
 */
export async function fillJob(
  store: Store,
  productKey: string,
  count: number,
  status: RawBuilder<TaskStatus>,
): Promise<string> {
  const { clock, ids, engine } = store;
  const now = clock.now();
  const jobId = ids.id();
  const { instance_id: instanceId } = await findProduct(store, productKey);
  const firmwareId = await addPackage(store, productKey);
  await engine.transaction((tx) =>
    insertJob(
      tx,
      jobRow({
        id: jobId,
        instance_id: instanceId,
        firmware_id: firmwareId,
        product_key: productKey,
        timeout_minutes: 60,
        task_total: count,
        created_at: now,
        modified_at: now,
        // nobody is told of it, and no scheduler looks at it meanwhile
        need_push: 0,
        due_at: now + 86_400_000,
      }),
      [],
    ),
  );
  await inChunks(store, count, (insert) =>
    insert('task', {
      job_id: sql`${jobId}`,
      seq: sql`n`,
      device_id: deviceId(productKey),
      device_name: deviceName,
      src_version: sql`'1.0.0'`,
      status,
      description: sql`''`,
      progress: sql`case when ${status} in ('SUCCEEDED', 'FAILED') then 100 else 0 end`,
      active_module: sql`case when ${status} in ('SUCCEEDED', 'FAILED') then null else 'default' end`,
      retries: sql`0`,
      created_at: sql`${sql.lit(now)}`,
      modified_at: sql`${sql.lit(now)}`,
    }),
  );
  await engine.transaction(async ({ db }) => {
    await sql`insert into task_count (job_id, status, block, count)
      select job_id, status, seq / 1024, count(*) from task where job_id = ${jobId} group by job_id, status, seq / 1024`.execute(
      db,
    );
  });
  await gatherStatistics(store);
  return jobId;
}

/** A package without a file, which needs no verification. @returns its id */
export async function addPackage(store: Store, productKey: string): Promise<string> {
  const { engine, clock, ids } = store;
  const { instance_id: instanceId } = await findProduct(store, productKey);
  const now = clock.now();
  const id = ids.id();
  await engine.transaction((tx) =>
    insertFirmware(
      tx,
      {
        id,
        instance_id: instanceId,
        product_key: productKey,
        name: `bench-${id}`,
        description: '',
        module: 'default',
        type: 0,
        src_version: '',
        dest_version: '2.0.0',
        sign_method: 'MD5',
        status: -1,
        udi: '',
        created_at: now,
        modified_at: now,
      },
      [{ firmware_id: id, position: 0, name: '', upload_key: 'none', size: 1, md5: '', sign: '' }],
    ),
  );
  return id;
}

async function findProduct({ engine }: Pick<Store, 'engine'>, productKey: string) {
  return engine.read.selectFrom('product').selectAll().where('key', '=', productKey).executeTakeFirstOrThrow();
}

type Insert = <T extends keyof Schema & string>(
  table: T,
  columns: { readonly [C in keyof Schema[T]]?: RawBuilder<unknown> },
) => Promise<void>;

/** @param fill inserts rows whose columns are expressions of `n`, their number from 0 */
async function inChunks(
  { engine }: Store,
  count: number,
  fill: (insert: Insert, tx: Tx) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) {
    const last = Math.min(from + CHUNK, count) - 1;
    await engine.transaction((tx) =>
      fill(async (table, columns) => {
        const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
        await sql`insert into ${sql.table(table)} (${names})
          with recursive numbers(n) as (select ${sql.lit(from)} union all select n + 1 from numbers where n < ${sql.lit(last)})
          select ${sql.join(Object.values(columns as Record<string, RawBuilder<unknown>>))} from numbers`.execute(
          tx.db,
        );
      }, tx),
    );
  }
}

/** What PostgreSQL does by itself a minute later; SQLite gathers none, here as in operation. */
async function gatherStatistics(store: Store): Promise<void> {
  if (!(await isPostgres(store))) return;
  await store.engine.transaction(async ({ db }) => void (await sql`analyze`.execute(db)));
}

export const isPostgres = async ({ engine }: Pick<Store, 'engine'>) =>
  (await engine.describe()).startsWith('PostgreSQL');
