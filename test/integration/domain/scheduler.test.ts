import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BlobStore } from '../../../src/blob/blob-store.ts';
import { openBlobStore } from '../../../src/blob/open-blob-store.ts';
import { applicationState, applyForDevices, pageOfAppliedDevices } from '../../../src/domain/device-applications.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { keepNodeAlive } from '../../../src/domain/nodes.ts';
import { rememberNonce } from '../../../src/domain/nonces.ts';
import { getProduct } from '../../../src/domain/products.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { startScheduler } from '../../../src/scheduler/scheduler.ts';
import { findJobs } from '../../../src/store/queries/jobs.ts';
import { takeLease } from '../../../src/store/queries/leases.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW, reopen, type World } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'otaru-scheduler-'));
let blobs: BlobStore;
beforeAll(async () => {
  blobs = await openBlobStore(`file:${folder}`);
});
afterAll(async () => {
  await blobs[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** A scheduler of a process of its own; what it logs as an error fails the test. */
async function start(world: World, nodeId: string): Promise<AsyncDisposable & { readonly errors: object[] }> {
  const errors: object[] = [];
  const log = { ...silentLog, error: (fields: object) => void errors.push(fields) };
  const scheduler = await startScheduler({ ...world.deps, blobs, log, nodeId, auditDays: 180 });
  return {
    errors,
    async [Symbol.asyncDispose]() {
      await scheduler[Symbol.asyncDispose]();
      expect(errors).toEqual([]);
    },
  };
}

/**
 * Lets the work that a scheduler has begun, which is real and takes its time, come to rest: what goes through the
 * same queues as often as a step of a job does has given each of its statements its turn.
 */
async function settled({ engine }: World): Promise<void> {
  for (let rest = 0; rest < 12; rest += 1) {
    await engine.read.selectFrom('meta').select('key').execute();
    await engine.transaction(async () => {});
    if (engine.stats().active > 0) rest = 0;
  }
}

/** Moves the clock in small steps until it is so. */
async function until(world: World, condition: () => Promise<boolean>, limitMs = 10 * MINUTE): Promise<void> {
  const end = world.clock.now() + limitMs;
  while (!(await condition())) {
    if (world.clock.now() > end) throw new Error('it did not come to pass');
    await world.clock.advance(100);
    await settled(world);
  }
}

eachEngine('a scheduler', (database) => {
  const ended = (world: World, job: string) => async () => (await world.jobRow(job)).ended_at !== null;

  it('makes the tasks of a large job, whose creator has gone, to the last', async () => {
    const world = await createWorld(database);
    await world.devices(3_500);
    const job = await world.job();
    await using _ = await start(world, 'node-1');
    await until(world, async () => (await world.jobRow(job)).cursor === null);
    expect((await world.jobRow(job)).task_total).toBe(3_500);
    await expectConsistent(world);
  });

  it('shares a job with another one and never does a step twice', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    await here.devices(6_000);
    const jobs = [await here.job({ multiModule: true }), await here.job()];
    await using _one = await start(here, 'node-1');
    await using _two = await start(there, 'node-2');
    await until(here, async () =>
      (await Promise.all(jobs.map((job) => here.jobRow(job)))).every((row) => row.cursor === null),
    );
    for (const job of jobs) expect((await here.jobRow(job)).task_total).toBe(6_000);
    await expectConsistent(here);
  });

  it('leaves a job to whoever has it, and takes it over when he died', async () => {
    const world = await createWorld(database);
    await world.devices(1_500);
    const job = await world.job();
    const now = world.clock.now();
    await world.engine.transaction((tx) =>
      takeLease(tx.db, { name: `job:${job}`, holder: 'dead', now, until: now + 15_000 }),
    );
    await using _ = await start(world, 'node-1');
    while (world.clock.now() < now + 14_000) {
      await world.clock.advance(500);
      expect((await world.jobRow(job)).task_total).toBe(1_000);
    }
    await until(world, async () => (await world.jobRow(job)).task_total === 1_500, MINUTE);
  });

  it('comes back to a job that a dead process had when its last task ended', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await world.job();
    await using _ = await start(world, 'node-1');
    // the first look is over, the next one is not due for half a minute
    await until(world, async () => ((await world.jobRow(job)).due_at ?? 0) > world.clock.now() + 20_000);
    const now = world.clock.now();
    await world.engine.transaction((tx) =>
      takeLease(tx.db, { name: `job:${job}`, holder: 'dead', now, until: now + 5_000 }),
    );
    await world.inform(device, NEW);
    await until(world, ended(world, job));
    expect(world.clock.now()).toBeGreaterThanOrEqual(now + 5_000);
    expect(world.clock.now()).toBeLessThan(now + 10_000);
  });

  it('does not let a large job hold up a small one', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(['a-first'])) as [DeviceRef];
    const small = await world.job({ devices: [device] });
    await world.inform(device, NEW);
    await world.devices(25_000);
    const large = await world.job();
    await using _ = await start(world, 'node-1');
    world.nudges.length = 0;
    await world.engine.transaction(async (tx) => {
      tx.nudge({ kind: 'job', jobId: large });
      tx.nudge({ kind: 'job', jobId: small });
    });
    await world.clock.advance(100);
    // one look at both: a step of the large job takes milliseconds. No time passes: it is the work that is waited for
    const look = () => findJobs(world.engine.read, [small, large]);
    let jobs = await look();
    while (jobs.get(small)?.ended_at === null) jobs = await look();
    expect(jobs.get(large)?.cursor).not.toBeNull();
  });

  it('starts a planned job at its time, ends it by force, and cleans up behind timeouts', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(2)) as [DeviceRef];
    const scheduleAt = world.clock.now() + HOUR;
    const planned = await world.job({ scheduleAt, scheduleFinishAt: scheduleAt + HOUR, timeoutMinutes: 5 });
    await using _ = await start(world, 'node-1');
    await world.clock.advance(HOUR - 1_000);
    await until(world, async () => (await world.jobRow(planned)).status === 'IN_PROGRESS');
    expect((await world.jobRow(planned)).started_at).toBeGreaterThanOrEqual(scheduleAt);
    expect(world.clock.now()).toBeLessThan(scheduleAt + 2_000);
    await world.node.claim([device], 'all');
    await world.progress(device, 1);
    const begun = world.clock.now();
    await world.clock.advance(5 * MINUTE - 1_000);
    expect((await world.task(planned, device)).status).toBe('IN_PROGRESS');
    await until(world, async () => (await world.task(planned, device)).status === 'FAILED');
    expect(world.clock.now()).toBeLessThan(begun + 5 * MINUTE + 3_000);
    await world.clock.advance(scheduleAt + HOUR - world.clock.now() - 1_000);
    await until(world, ended(world, planned));
    expect(world.clock.now()).toBeLessThan(scheduleAt + HOUR + 3_000);
    expect((await world.tasks(planned)).map((task) => task.status)).toEqual(['FAILED', 'CANCELED']);
    await expectConsistent(world);
  });

  it('marks the devices of a dead node offline within 15 seconds', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    await keepNodeAlive(world.deps, 'node-dead');
    const other = { ...world.deps };
    await world.engine.transaction(({ db }) =>
      db
        .insertInto('presence')
        .values({
          device_id: device.deviceId,
          node_id: 'node-dead',
          connection_id: 'c',
          connected_at: other.clock.now(),
        })
        .execute(),
    );
    await world.engine.transaction(({ db }) => db.updateTable('device').set({ status: 1 }).execute());
    const died = world.clock.now();
    await using _ = await start(world, 'node-1');
    const offline = async () =>
      (await world.engine.read.selectFrom('device').select('status').executeTakeFirstOrThrow()).status === 3;
    await until(world, offline, 15_000);
    expect(world.clock.now()).toBeLessThanOrEqual(died + 15_000);
    expect(world.clock.now()).toBeGreaterThanOrEqual(died + 10_000);
  });

  it('stays alive by its heartbeats, and forgets nonces that have expired', async () => {
    const world = await createWorld(database);
    expect(await rememberNonce(world.deps, 'key', 'n', MINUTE)).toBe(true);
    await using _ = await start(world, 'node-1');
    for (let second = 0; second < 150; second += 1) {
      await world.clock.advance(1_000);
      await settled(world);
    }
    const lease = world.engine.read.selectFrom('lease').selectAll().where('name', '=', 'node:node-1');
    expect((await lease.executeTakeFirstOrThrow()).until).toBeGreaterThan(world.clock.now());
    await until(
      world,
      async () => (await world.engine.read.selectFrom('nonce').select('nonce').execute()).length === 0,
    );
  });

  it('finishes the step that it is at when it is stopped', async () => {
    const world = await createWorld(database);
    await world.devices(5_000);
    const job = await world.job();
    const scheduler = await start(world, 'node-1');
    await until(world, async () => (await world.jobRow(job)).task_total >= 2_000);
    await scheduler[Symbol.asyncDispose]();
    const total = (await world.jobRow(job)).task_total;
    await expectConsistent(world);
    await world.clock.advance(MINUTE);
    expect((await world.jobRow(job)).task_total).toBe(total);
    expect(await world.engine.read.selectFrom('lease').select('name').where('name', 'like', 'job:%').execute()).toEqual(
      [],
    );
    await using _ = await start(world, 'node-2');
    await until(world, async () => (await world.jobRow(job)).task_total === 5_000);
  });

  it('carries on a registration of many devices, whoever began it', async () => {
    const world = await createWorld(database);
    const { deps, scope, productKey } = world;
    const id = await applyForDevices(deps, scope, { productKey, count: 4_000 });
    const made = async () => (await pageOfAppliedDevices(deps, scope, { id })).total;
    const scheduler = await start(world, 'node-1');
    await until(world, async () => (await made()) >= 1_000);
    await scheduler[Symbol.asyncDispose]();
    expect(
      await world.engine.read.selectFrom('lease').select('name').where('name', 'like', 'apply:%').execute(),
    ).toEqual([]);
    await using _ = await start(world, 'node-2');
    await until(
      world,
      async () => (await applicationState(deps, scope, { productKey, id })).status === 'CREATE_SUCCESS',
    );
    expect(await made()).toBe(4_000);
    expect((await getProduct(deps, scope, productKey)).deviceCount).toBe(4_000);
  });
});
