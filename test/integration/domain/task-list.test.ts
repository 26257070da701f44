import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { taskStatuses } from '../../../src/domain/task-state.ts';
import { listTasks, listTasksOfDevices, readStatus } from '../../../src/domain/tasks.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { insertJob } from '../../../src/store/queries/jobs.ts';
import {
  countTasks,
  countTasksInStatus,
  insertTasks,
  pageOfTasks,
  pageOfTasksInStatus,
  updateTasks,
} from '../../../src/store/queries/tasks.ts';
import type { TaskStatus } from '../../../src/store/schema.ts';
import { eachEngine } from '../../support/engines.ts';
import { jobRow } from '../../support/job-row.ts';
import { spyOn } from '../../support/query-spy.ts';
import { taskRow } from '../store/rows.ts';
import { createWorld, expectConsistent, type World } from './world.ts';

const TASKS = 5_000;
const anyStatus = fc.constantFrom(...taskStatuses);

/** Statuses in runs, as rollouts leave them, with single ones of another kind strewn in. */
const anyStatuses = fc
  .tuple(
    fc.array(fc.tuple(anyStatus, fc.integer({ min: 1, max: 2_500 })), { minLength: 1, maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(TASKS - 1), anyStatus), { maxLength: 60 }),
  )
  .map(([runs, single]) => {
    const statuses: TaskStatus[] = [];
    for (let i = 0; statuses.length < TASKS; i += 1) {
      const [status, length] = runs[i % runs.length] as (typeof runs)[number];
      for (let n = 0; n < length && statuses.length < TASKS; n += 1) statuses.push(status);
    }
    for (const [seq, status] of single) statuses[seq] = status;
    return statuses;
  });

async function insertJobOf(engine: Engine, id: string, statuses: readonly TaskStatus[]): Promise<void> {
  const rows = statuses.map((status, seq) =>
    taskRow(seq, { job_id: id, status, device_id: `${id}-${seq}`, active_module: isActive(status) ? 'default' : null }),
  );
  await engine.transaction(async (tx) => {
    await insertJob(tx, jobRow({ id, task_total: rows.length }), []);
    await insertTasks(tx, rows);
  });
}

const isActive = (status: TaskStatus) => ['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS'].includes(status);

eachEngine('a page of tasks', (database) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await database.open();
  });

  const rows = (db: Engine['read'], job: string, status: TaskStatus | undefined) =>
    db
      .selectFrom('task')
      .select('seq')
      .where('job_id', '=', job)
      .$if(status !== undefined, (query) => query.where('status', '=', status as TaskStatus))
      .orderBy('seq');

  /** A page as the counters find it. */
  async function page(job: string, status: TaskStatus | undefined, offset: number, size: number): Promise<number[]> {
    const found = await (status === undefined
      ? pageOfTasks(engine.read, job, offset, size)
      : pageOfTasksInStatus(engine.read, job, status, offset, size));
    return found.map((row) => row.seq);
  }

  it('is the one that OFFSET would give, of any size, anywhere, in any state, while states change', async () => {
    let jobs = 0;
    const anyMoves = fc.array(fc.tuple(fc.nat(TASKS - 1), anyStatus), { maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        anyStatuses,
        anyMoves,
        fc.infiniteStream(fc.double({ min: 0, max: 1.1, noNaN: true })),
        async (statuses, moves, places) => {
          const job = `job-${++jobs}`;
          await insertJobOf(engine, job, statuses);
          const moved = new Map(moves);
          const taskIn = (seq: number, status: TaskStatus) =>
            taskRow(seq, { job_id: job, status, active_module: isActive(status) ? 'default' : null });
          const changes = [...moved].map(([seq, status]) => ({
            was: taskIn(seq, statuses[seq] as TaskStatus),
            task: taskIn(seq, status),
          }));
          await engine.transaction((tx) => updateTasks(tx, changes));
          const counts = await countTasks(engine.read, job);

          let size = 0;
          for (const status of [undefined, ...taskStatuses, undefined, ...taskStatuses]) {
            const all = (await rows(engine.read, job, status).execute()).map((row) => row.seq);
            if (status) {
              expect(counts.get(status) ?? 0).toBe(all.length);
              expect(await countTasksInStatus(engine.read, job, status)).toBe(all.length);
            }
            for (let i = 0; i < 7; i += 1) {
              size = (size % 100) + 1;
              const place = places.next().value as number;
              const offset = Math.floor((place * all.length) / size) * size;
              expect(await page(job, status, offset, size), `${status} ${offset} ${size}`).toEqual(
                all.slice(offset, offset + size),
              );
            }
            const offset = Math.max(0, all.length - 3);
            const plain = await rows(engine.read, job, status).offset(offset).limit(10).execute();
            expect(await page(job, status, offset, 10)).toEqual(plain.map((row) => row.seq));
            expect(await page(job, status, all.length, 10)).toEqual([]);
            expect(await page(job, status, all.length + 1_000_000, 100)).toEqual([]);
          }
        },
      ),
      { numRuns: 4 },
    );
  });

  it('after the other shows every task once, at any size', async () => {
    const statuses = Array.from({ length: 2_100 }, (_, seq): TaskStatus => (seq % 7 === 0 ? 'FAILED' : 'QUEUED'));
    await insertJobOf(engine, 'j', statuses);
    for (const size of [1, 3, 10, 64, 99, 100]) {
      for (const status of [undefined, 'FAILED'] as const) {
        const seen: number[] = [];
        for (let offset = 0; ; offset += size) {
          const found = await page('j', status, offset, size);
          if (found.length === 0) break;
          seen.push(...found);
          if (size < 10 && seen.length >= 60) break;
        }
        const all = statuses.flatMap((of, seq) => (status === undefined || of === status ? [seq] : []));
        expect(seen).toEqual(size < 10 ? all.slice(0, 60) : all);
      }
    }
  });

  it('is empty for a job that has no tasks, and for one that does not exist', async () => {
    await insertJobOf(engine, 'empty', []);
    for (const job of ['empty', 'nobody']) {
      expect(await page(job, undefined, 0, 10)).toEqual([]);
      expect(await page(job, 'QUEUED', 0, 10)).toEqual([]);
      expect(await countTasksInStatus(engine.read, job, 'QUEUED')).toBe(0);
      expect(await countTasks(engine.read, job)).toEqual(new Map());
    }
  });
});

eachEngine('the tasks of a job', (database) => {
  const page = (number: number, size: number) => ({ number, size, offset: (number - 1) * size });

  async function worldWithJob(count: number): Promise<{ world: World; job: string; names: string[] }> {
    const world = await createWorld(database);
    const devices = await world.devices(count);
    const job = await world.job();
    await world.advance(job);
    return { world, job, names: devices.map((device) => device.deviceName) };
  }

  it('are listed with an exact total, the names around them, and nothing beyond the end', async () => {
    const { world, job, names } = await worldWithJob(25);
    const list = (number: number, size: number, status?: TaskStatus) =>
      listTasks(world.deps, world.scope, job, page(number, size), status);
    const third = await list(3, 10);
    expect(third.total).toBe(25);
    expect(third.job).toMatchObject({ product_name: 'lamp', firmware_id: expect.any(String), timeout_minutes: null });
    expect(third.rows.map((row) => row.device_name)).toEqual(names.slice(20));
    expect(await list(4, 10)).toMatchObject({ total: 25, rows: [] });
    expect(await list(1, 10, 'QUEUED')).toMatchObject({ total: 25 });
    expect(await list(1, 10, 'FAILED')).toMatchObject({ total: 0, rows: [] });
  });

  it('take a bounded number of statements to list, however many there are', async () => {
    const { world, job, names } = await worldWithJob(1_500);
    const spy = spyOn(world.engine.read, database.kind);
    const deps = { ...world.deps, engine: { ...world.engine, read: spy.db } };
    const used = async (work: () => Promise<unknown>) => {
      const before = spy.count();
      await work();
      return spy.count() - before;
    };
    for (const number of [1, 15]) {
      expect(await used(() => listTasks(deps, world.scope, job, page(number, 100), undefined))).toBe(2);
      expect(await used(() => listTasks(deps, world.scope, job, page(number, 100), 'QUEUED'))).toBe(3);
    }
    expect(await used(() => listTasksOfDevices(deps, world.scope, job, names.slice(0, 50), 50, undefined))).toBe(2);
    await expectConsistent(world);
  });

  it('are found by the names of devices, in the order of the tasks', async () => {
    const { world, job, names } = await worldWithJob(10);
    const find = (wanted: readonly string[], status?: TaskStatus) =>
      listTasksOfDevices(world.deps, world.scope, job, wanted, 50, status);
    const [first, second] = names as [string, string];
    const found = await find([second, 'nobody', first, second]);
    expect(found.rows.map((row) => row.device_name)).toEqual([first, second]);
    expect(found.total).toBe(2);
    expect(await find(['nobody'])).toMatchObject({ rows: [], total: 0 });
    expect(await find([first], 'FAILED')).toMatchObject({ rows: [], total: 0 });
    expect(await world.refusal(() => find([]))).toBe('device.noNames');
    expect(await world.refusal(() => find(Array.from({ length: 51 }, () => first)))).toBe('device.tooManyNames');
    expect(
      await world.refusal(() => listTasksOfDevices(world.deps, world.scope, 'nobody', [first], 50, undefined)),
    ).toBe('ota.jobNotFound');
  });
});

describe('a status filter', () => {
  it('is one of the seven states, or none', () => {
    for (const status of taskStatuses) expect(readStatus(status)).toBe(status);
    expect(readStatus(undefined)).toBeUndefined();
    expect(readStatus('')).toBeUndefined();
    for (const text of ['queued', 'QUEUED ', 'SUCCESS', 'CANCELLED', '__proto__']) {
      expect(() => readStatus(text)).toThrow('firmware.invalidTaskStatus');
    }
  });
});
