import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import { among } from '../among.ts';
import type { Db, Tx } from '../engine.ts';
import type { JobTable } from '../schema.ts';
import { hasUnfinishedStrategyTasks } from './dynamic-jobs.ts';

export type JobRow = Selectable<JobTable>;

/** A job of one instance, with the names that its answers show. */
export async function findJob(db: Db, instanceId: string, id: string) {
  return db
    .selectFrom('job')
    .innerJoin('product', 'product.key', 'job.product_key')
    .leftJoin('device_group', 'device_group.id', 'job.group_id')
    .selectAll('job')
    .select(['product.name as product_name', 'device_group.name as group_name'])
    .where('job.id', '=', id)
    .where('job.instance_id', '=', instanceId)
    .executeTakeFirst();
}

/** What a list of the tasks of a job tells of it: a few of its columns, for a job has many and a list is asked for often. */
export async function findListedJob(db: Db, instanceId: string, id: string) {
  return db
    .selectFrom('job')
    .innerJoin('product', 'product.key', 'job.product_key')
    .select([
      'job.id',
      'job.firmware_id',
      'job.product_key',
      'job.dest_version',
      'job.task_total',
      'job.timeout_minutes',
      'job.earlier_timeouts',
      'product.name as product_name',
    ])
    .where('job.id', '=', id)
    .where('job.instance_id', '=', instanceId)
    .executeTakeFirst();
}

/** A page of the jobs of a package, newest first. */
export async function pageOfJobs(db: Db, instanceId: string, firmwareId: string, offset: number, limit: number) {
  return db
    .selectFrom('job')
    .selectAll()
    .where('firmware_id', '=', firmwareId)
    .where('instance_id', '=', instanceId)
    .orderBy('id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute();
}

export async function countJobs(db: Db, instanceId: string, firmwareId: string): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('firmware_id', '=', firmwareId)
    .where('instance_id', '=', instanceId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The device that a list of jobs is limited to: a name may have belonged to another device before. */
export interface DeviceOfTasks {
  readonly id: string;
  readonly name: string;
}

const jobsOfDevice = (db: Db, instanceId: string, firmwareId: string, device: DeviceOfTasks) =>
  db
    .selectFrom('job')
    .where('firmware_id', '=', firmwareId)
    .where('instance_id', '=', instanceId)
    .where((eb) =>
      // not EXISTS, which PostgreSQL may turn into a join with the whole table
      eb(
        eb.val(device.id),
        'in',
        eb
          .selectFrom('task')
          .select('task.device_id')
          .whereRef('task.job_id', '=', 'job.id')
          // the index alone tells which they are: SQLite would rather walk through the whole job than look rows up
          .where('task.seq', 'in', (inner) =>
            inner
              .selectFrom('task as named')
              .select('named.seq')
              .whereRef('named.job_id', '=', 'job.id')
              .where('named.device_name', '=', device.name),
          ),
      ),
    );

/** A page of the jobs of a package that have a task of a device, newest first. */
export async function pageOfJobsOfDevice(
  db: Db,
  instanceId: string,
  firmwareId: string,
  device: DeviceOfTasks,
  offset: number,
  limit: number,
) {
  return jobsOfDevice(db, instanceId, firmwareId, device)
    .selectAll()
    .orderBy('id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute();
}

export async function countJobsOfDevice(
  db: Db,
  instanceId: string,
  firmwareId: string,
  device: DeviceOfTasks,
): Promise<number> {
  const row = await jobsOfDevice(db, instanceId, firmwareId, device)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Is there a job of this package that has not ended, or one that has but whose tasks go on? */
export async function hasUnfinishedJob(db: Db, firmwareId: string): Promise<boolean> {
  const row = await db
    .selectFrom('job')
    .select('id')
    .where('firmware_id', '=', firmwareId)
    .where('status', 'in', ['PLANNED', 'IN_PROGRESS'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined || hasUnfinishedStrategyTasks(db, firmwareId);
}

/** The newest verification of a package. */
export async function findLastVerifyJob(db: Db, firmwareId: string) {
  return db
    .selectFrom('job')
    .select(['id', 'task_total'])
    .where('firmware_id', '=', firmwareId)
    .where('type', '=', 'VERIFY_FIRMWARE')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function insertJob(tx: Tx, row: Insertable<JobTable>, targets: readonly string[]): Promise<void> {
  await tx.db.insertInto('job').values(row).execute();
  await tx.bulkInsert(
    'job_target',
    targets.map((name, position) => ({ job_id: row.id, position, device_name: name })),
  );
}

/** Jobs by id, for whatever instance: what the rules need to know about tasks that they were given. */
export async function findJobs(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, JobRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('job')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Jobs by id, and whether anybody listens to a type of events of their products: a hot path asks for both at once. */
export async function findJobsHeard(
  db: Db,
  ids: readonly string[],
  type: string,
): Promise<ReadonlyMap<string, { readonly job: JobRow; readonly heard: boolean }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('job')
    .selectAll()
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('event_route')
            .select('event_route.consumer')
            .whereRef('event_route.instance_id', '=', 'job.instance_id')
            .where('event_route.product_key', 'in', [eb.val(''), eb.ref('job.product_key')])
            .where('event_route.type', '=', type),
        )
        .as('heard'),
    )
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ heard, ...job }) => [job.id, { job, heard: Boolean(heard) }]));
}

/** The jobs of the unfinished tasks of devices, each with whether one of these tasks is QUEUED. */
export async function jobsOfDevices(
  db: Db,
  deviceIds: readonly string[],
): Promise<{ readonly job: JobRow; readonly queued: boolean }[]> {
  if (deviceIds.length === 0) return [];
  // grouped before the join: a job's row is long, and would be carried along for every task
  const rows = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('task')
        .select((of) => [
          'task.job_id',
          of.fn.max(of.case().when('task.status', '=', 'QUEUED').then(1).else(0).end()).as('queued'),
        ])
        .where('task.device_id', 'in', among(deviceIds))
        .where('task.active_module', 'is not', null)
        .groupBy('task.job_id')
        .as('held'),
    )
    .innerJoin('job', 'job.id', 'held.job_id')
    .selectAll('job')
    .select('held.queued')
    .execute();
  return rows.map(({ queued, ...job }) => ({ job, queued: Number(queued) === 1 }));
}

export async function lockJob(tx: Tx, id: string): Promise<JobRow | undefined> {
  return tx.lock(tx.db.selectFrom('job').selectAll().where('id', '=', id)).executeTakeFirst();
}

export async function updateJob(tx: Tx, id: string, change: Updateable<JobTable>): Promise<void> {
  await tx.db.updateTable('job').set(change).where('id', '=', id).execute();
}

/** Ids of jobs that a scheduler has to look at. */
export async function dueJobs(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('job')
    .select('id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Ids of jobs with devices that wait for a place in the push rate and may get one now. */
export async function jobsToCall(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('job')
    .select('id')
    .where('call_at', '<=', now)
    .orderBy('call_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** A device that a job may reach, with the version of the job's module that it last reported. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
}

/**
 * Devices of a product whose names follow `after`, by name, whether activated or not: a look for activated ones only
 * would pass over any number of others in one statement.
 */
export async function candidatesByProduct(
  db: Db,
  { productKey, module, after, limit }: { productKey: string; module: string; after: string; limit: number },
): Promise<(Candidate & { readonly active_at: number | null })[]> {
  return db
    .selectFrom('device')
    .leftJoin('module_version', (join) =>
      join.onRef('module_version.device_id', '=', 'device.id').on('module_version.module', '=', module),
    )
    .select(['device.id', 'device.name', 'device.active_at', 'module_version.version'])
    .where('device.product_key', '=', productKey)
    .where('device.name', '>', after)
    .orderBy('device.name')
    .limit(limit)
    .execute();
}

/** Devices that a job names, from target position `from` on; names that no longer exist are left out. */
export async function candidatesByTarget(
  db: Db,
  input: { jobId: string; productKey: string; module: string; from: number; to: number },
): Promise<Candidate[]> {
  return db
    .selectFrom('job_target')
    .innerJoin('device', (join) =>
      join.on('device.product_key', '=', input.productKey).onRef('device.name', '=', 'job_target.device_name'),
    )
    .leftJoin('module_version', (join) =>
      join.onRef('module_version.device_id', '=', 'device.id').on('module_version.module', '=', input.module),
    )
    .select(['device.id', 'device.name', 'module_version.version'])
    .where('job_target.job_id', '=', input.jobId)
    .where('job_target.position', '>=', input.from)
    .where('job_target.position', '<', input.to)
    .orderBy('job_target.position')
    .execute();
}

/** Devices of a product by name, in no order; names of none are left out. */
export async function candidatesByName(
  db: Db,
  { productKey, module, names }: { productKey: string; module: string; names: readonly string[] },
): Promise<Candidate[]> {
  if (names.length === 0) return [];
  return db
    .selectFrom('device')
    .leftJoin('module_version', (join) =>
      join.onRef('module_version.device_id', '=', 'device.id').on('module_version.module', '=', module),
    )
    .select(['device.id', 'device.name', 'module_version.version'])
    .where('device.product_key', '=', productKey)
    .where('device.name', 'in', among(names))
    .execute();
}

/** Devices directly in a group whose ids follow `after`, by id, of whatever product. */
export async function candidatesByGroup(
  db: Db,
  { groupId, module, after, limit }: { groupId: string; module: string; after: string; limit: number },
): Promise<(Candidate & { readonly product_key: string })[]> {
  return db
    .selectFrom('device_group_member')
    .innerJoin('device', 'device.id', 'device_group_member.device_id')
    .leftJoin('module_version', (join) =>
      join.onRef('module_version.device_id', '=', 'device.id').on('module_version.module', '=', module),
    )
    .select(['device.id', 'device.name', 'device.product_key', 'module_version.version'])
    .where('device_group_member.group_id', '=', groupId)
    .where('device_group_member.device_id', '>', after)
    .orderBy('device_group_member.device_id')
    .limit(limit)
    .execute();
}

export async function countTargets(db: Db, jobId: string): Promise<number> {
  const row = await db
    .selectFrom('job_target')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * Holds devices still while it is decided whether they get a task: nobody deletes them, gives them another task or
 * records another version of the module meanwhile.
 * @returns those that still exist, by id, with the version that holds now
 */
export async function lockCandidates(
  tx: Tx,
  ids: readonly string[],
  module: string,
): Promise<ReadonlyMap<string, string | null>> {
  if (ids.length === 0) return new Map();
  const devices = tx.db.selectFrom('device').select('id').where('id', 'in', among(ids)).orderBy('id');
  const found = await tx.lock(devices).execute();
  const reported = await lockVersions(tx, ids, module);
  return new Map(found.map(({ id }) => [id, reported.get(id) ?? null]));
}

/** The same for devices of a product by name: one look instead of two where a list names them. Names of none are left out. */
export async function lockCandidatesByName(
  tx: Tx,
  { productKey, module, names }: { productKey: string; module: string; names: readonly string[] },
): Promise<Candidate[]> {
  if (names.length === 0) return [];
  const devices = tx.db
    .selectFrom('device')
    .select(['id', 'name'])
    .where('product_key', '=', productKey)
    .where('name', 'in', among(names))
    // not the column itself, whose order SQLite would take from an index of all devices of the product
    .orderBy(sql`id || ''`);
  const found = await tx.lock(devices).execute();
  const ids = found.map(({ id }) => id);
  const reported = await lockVersions(tx, ids, module);
  return found.map(({ id, name }) => ({ id, name, version: reported.get(id) ?? null }));
}

/** What devices last reported of a module, held still. */
async function lockVersions(tx: Tx, ids: readonly string[], module: string): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  // a first report waits for the device's row, a later one for this
  const versions = tx.db
    .selectFrom('module_version')
    .select(['device_id', 'version'])
    .where('device_id', 'in', among(ids))
    .where('module', '=', module)
    .orderBy('device_id');
  return new Map((await tx.lock(versions).execute()).map((row) => [row.device_id, row.version]));
}

/** Which of these devices are connected to some node. */
export async function connectedAmong(db: Db, deviceIds: readonly string[]): Promise<string[]> {
  if (deviceIds.length === 0) return [];
  const rows = await db.selectFrom('presence').select('device_id').where('device_id', 'in', among(deviceIds)).execute();
  return rows.map((row) => row.device_id);
}
