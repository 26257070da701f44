import { expect, it } from 'vitest';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { createTransitions, forgetOldHistory, queryHistory, writeHistory } from '../../../src/domain/history.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { noMeters } from '../../../src/lib/meters.ts';
import { startScheduler } from '../../../src/scheduler/scheduler.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { createWorld, HOUR, MINUTE, NEW, type World } from './world.ts';

/** A rollout whose node counts what it commits. */
async function setUp(database: TestDatabase) {
  const clock = createTestClock();
  const transitions = createTransitions(clock);
  const watched: TestDatabase = {
    kind: database.kind,
    options: database.options,
    open: (options) => database.open({ ...options, meters: { ...noMeters, outcome: transitions.count } }),
  };
  const world = await createWorld(watched);
  const deps = { ...world.deps, clock, figures: createFigures(clock) };
  return {
    world,
    clock,
    transitions,
    write: (nodeId = 'node-1') => writeHistory(deps, transitions, nodeId),
    history: (period = 'HOUR', filter: { productKey?: string; jobId?: string } = {}, scope = world.scope) =>
      queryHistory(deps, scope, { period, ...filter }),
    forget: () => forgetOldHistory(deps, async () => {}),
  };
}

/** One task that succeeds, two that fail, one that is only told. */
async function rollOut(world: World): Promise<string> {
  const devices = await world.devices(4);
  const jobId = await world.job({ devices });
  const [first, second, third] = devices;
  await world.node.claim(devices, 'all');
  if (first) await world.inform(first, NEW);
  if (second) await world.progress(second, -2);
  if (third) await world.progress(third, -4, 'no room');
  return jobId;
}

const totals = { NOTIFIED: 4, SUCCEEDED: 1, FAILED: 2, CANCELED: 0 };

eachEngine('the history of rollouts', (database) => {
  it('tells how many tasks came into which state, and why they failed', async () => {
    const { world, write, history } = await setUp(database);
    await rollOut(world);
    expect((await history()).totals).toMatchObject({ NOTIFIED: 0, FAILED: 0 });
    await write();
    const hour = await history();
    expect(hour.totals).toEqual(totals);
    expect(hour.points).toHaveLength(12);
    expect(hour.points.at(-1)).toMatchObject(totals);
    expect(hour.causes).toEqual([
      ['DOWNLOAD', 1],
      ['FLASHING', 1],
    ]);
  });

  it('adds up what one node writes at several times and what several nodes write', async () => {
    const { world, write, history } = await setUp(database);
    for (const node of ['node-1', 'node-1', 'node-2']) {
      await rollOut(world);
      await write(node);
    }
    expect((await history()).totals).toEqual({ NOTIFIED: 12, SUCCEEDED: 3, FAILED: 6, CANCELED: 0 });
  });

  it('is divided into points of the period, of which the last holds the present', async () => {
    const { world, clock, write, history } = await setUp(database);
    await rollOut(world);
    await write();
    await clock.advance(25 * MINUTE);
    await rollOut(world);
    await write();
    const at = async (period: string) =>
      (await history(period)).points.flatMap(({ SUCCEEDED }, index, all) =>
        SUCCEEDED ? [all.length - 1 - index] : [],
      );
    expect(await at('HOUR')).toEqual([5, 0]);
    expect(await at('DAY')).toEqual([1, 0]);
    expect(await at('WEEK')).toEqual([0]);
    await clock.advance(2 * HOUR);
    expect((await history('HOUR')).totals.SUCCEEDED).toBe(0);
    expect((await history('DAY')).totals.SUCCEEDED).toBe(2);
    await clock.advance(5 * 24 * HOUR);
    expect((await history('DAY')).totals.SUCCEEDED).toBe(0);
    expect((await history('WEEK')).totals.SUCCEEDED).toBe(2);
  });

  it('can be of a product or a job, and is of one account', async () => {
    const { world, write, history } = await setUp(database);
    const jobId = await rollOut(world);
    await rollOut(world);
    await write();
    expect((await history('HOUR', { jobId })).totals).toEqual(totals);
    expect((await history('HOUR', { productKey: world.productKey })).totals.NOTIFIED).toBe(8);
    expect((await history('HOUR', { productKey: 'a1Unknown01' })).totals.NOTIFIED).toBe(0);
    expect((await history('HOUR', { jobId: 'no\0id' })).totals.NOTIFIED).toBe(0);
    const { accountId } = await createAccount(world.deps, 'stranger');
    const stranger = await resolveScope(world.engine.read, accountId, undefined);
    expect((await history('HOUR', {}, stranger)).totals.NOTIFIED).toBe(0);
    expect(await world.refusal(() => history('YEAR'))).toBe('common.invalidParameter');
    expect(await world.refusal(() => history('toString'))).toBe('common.invalidParameter');
  });

  it('counts what is committed only', async () => {
    const { world, transitions } = await setUp(database);
    const devices = await world.devices(1);
    await world.job({ devices });
    const failing = { ...world.deps, engine: { ...world.engine } };
    await expect(
      failing.engine.transaction(async (tx) => {
        tx.measure((meters) => meters.outcome({ jobId: 'j', outcome: 'FAILED', cause: '', count: 1 }));
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(transitions.take()).toEqual([]);
  });

  it('keeps what could not be written for the next time', async () => {
    const { world, transitions, write, history } = await setUp(database);
    await rollOut(world);
    const broken = { engine: { ...world.engine, transaction: () => Promise.reject(new Error('gone')) } };
    await expect(writeHistory(broken, transitions, 'node-1')).rejects.toThrow('gone');
    await write();
    expect((await history()).totals).toEqual(totals);
  });

  it('is written down by a node every five seconds', async () => {
    const { world, transitions, history } = await setUp(database);
    await rollOut(world);
    const node = { nodeId: 'node-1', log: silentLog, auditDays: 180, transitions };
    await using _ = await startScheduler({ ...world.deps, ...node });
    const told = async () => (await history()).totals.NOTIFIED;
    await world.clock.advance(4_900);
    expect(await told()).toBe(0);
    // a round is begun by the clock and takes its time
    for (let rounds = 0; rounds < 100 && (await told()) === 0; rounds += 1) await world.clock.advance(100);
    expect(await told()).toBe(4);
  });

  it('is forgotten after eight days', async () => {
    const { world, clock, write, forget } = await setUp(database);
    const rows = () => world.engine.read.selectFrom('task_history').select('at').execute();
    await rollOut(world);
    await write();
    await clock.advance(7 * 24 * HOUR);
    await rollOut(world);
    await write();
    await forget();
    const kept = await rows();
    expect(kept.length).toBeGreaterThan(0);
    await clock.advance(24 * HOUR + 5 * MINUTE);
    await forget();
    expect((await rows()).length).toBe(kept.length / 2);
    await clock.advance(8 * 24 * HOUR);
    await forget();
    expect(await rows()).toEqual([]);
  });
});
