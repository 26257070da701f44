import { expect, it } from 'vitest';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { type JobListFilter, listJobs } from '../../../src/domain/job-list.ts';
import { page } from '../../../src/domain/paging.ts';
import { insertJob } from '../../../src/store/queries/jobs.ts';
import { eachEngine } from '../../support/engines.ts';
import { jobRow } from '../../support/job-row.ts';
import { spyOn } from '../../support/query-spy.ts';
import { createWorld, type World } from './world.ts';

async function listed(world: World, filter: JobListFilter = {}, number = 1, size = 100) {
  const { rows, total } = await listJobs(world.deps, world.scope, page(number, size, { maxSize: 100 }), filter);
  return { ids: rows.map(({ job }) => job.id), rows, total };
}

eachEngine('the list of all jobs', (database) => {
  it('holds those of every package and product, newest first, a page at a time', async () => {
    const world = await createWorld(database);
    await world.devices(2);
    const [first, second, third] = [await world.job(), await world.job(), await world.job()];
    expect(await listed(world)).toMatchObject({ ids: [third, second, first], total: 3 });
    expect(await listed(world, {}, 2, 2)).toMatchObject({ ids: [first], total: 3 });
    expect((await listed(world)).rows[0]?.job.product_name).toBe('lamp');
  });

  it('counts the tasks of each job by state, as they are now', async () => {
    const world = await createWorld(database);
    const [lamp] = await world.devices(3);
    const jobId = await world.job();
    expect((await listed(world)).rows[0]?.counts).toEqual(new Map([['QUEUED', 3]]));
    if (lamp) await world.inform(lamp, '2.0.0');
    const counts = (await listed(world)).rows.find(({ job }) => job.id === jobId)?.counts;
    expect(counts).toEqual(
      new Map([
        ['QUEUED', 2],
        ['SUCCEEDED', 1],
      ]),
    );
  });

  it('is limited by states, kinds, product and package', async () => {
    const world = await createWorld(database);
    const at = (id: string, changes: Parameters<typeof jobRow>[0]) =>
      world.engine.transaction((tx) =>
        insertJob(tx, jobRow({ id, instance_id: world.scope.instanceId, due_at: null, ...changes }), []),
      );
    await at('j1', { status: 'PLANNED', type: 'VERIFY_FIRMWARE', product_key: 'a1AAAAAAAAA' });
    await at('j2', { status: 'IN_PROGRESS', selection: 'DYNAMIC', firmware_id: 'f2' });
    await at('j3', { status: 'COMPLETED' });
    const ids = async (filter: JobListFilter) => (await listed(world, filter)).ids;
    expect(await ids({ statuses: ['PLANNED', 'IN_PROGRESS'] })).toEqual(['j2', 'j1']);
    expect(await ids({ type: 'VERIFY_FIRMWARE' })).toEqual(['j1']);
    expect(await ids({ selection: 'DYNAMIC' })).toEqual(['j2']);
    expect(await ids({ productKey: 'a1AAAAAAAAA' })).toEqual(['j1']);
    expect(await ids({ jobId: 'j1' })).toEqual(['j1']);
    expect(await ids({ jobId: 'j1', statuses: ['COMPLETED'] })).toEqual([]);
    expect(await ids({ firmwareId: 'f2', statuses: ['COMPLETED'] })).toEqual([]);
    // what can be no id is as unknown as any other
    expect(await listed(world, { firmwareId: 'no\0id' })).toMatchObject({ ids: [], total: 0 });
    expect(await listed(world, { jobId: 'no-id' })).toMatchObject({ ids: [], total: 0 });
    expect(await listed(world, { productKey: '' })).toMatchObject({ ids: [], total: 0 });
    for (const filter of [{ statuses: ['DONE'] }, { type: 'BOTH' }, { selection: 'ALL' }]) {
      expect(await world.refusal(() => listed(world, filter))).toBe('common.invalidParameter');
    }
  });

  it('has none of another account', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    await world.job();
    const { accountId } = await createAccount(world.deps, 'stranger');
    const scope = await resolveScope(world.engine.read, accountId, undefined);
    expect(await listJobs(world.deps, scope, page(1, 10, { maxSize: 10 }), {})).toEqual({ rows: [], total: 0 });
  });

  it('asks a number of questions that grows by one for ten jobs', async () => {
    const world = await createWorld(database);
    for (let number = 10; number < 35; number += 1) {
      const row = jobRow({ id: `j${number}`, instance_id: world.scope.instanceId, due_at: null });
      await world.engine.transaction((tx) => insertJob(tx, row, []));
    }
    const spy = spyOn(world.engine.read, database.kind);
    const engine = { ...world.engine, read: spy.db };
    const { rows } = await listJobs({ engine }, world.scope, page(1, 100, { maxSize: 100 }), {});
    expect(rows).toHaveLength(25);
    expect(spy.count()).toBe(2 + 3);
  });
});
