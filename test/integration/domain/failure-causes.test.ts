import { describe, expect, it } from 'vitest';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { causesOfFailures, commonText } from '../../../src/domain/failure-causes.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { insertJob } from '../../../src/store/queries/jobs.ts';
import { insertTasks } from '../../../src/store/queries/tasks.ts';
import { eachEngine } from '../../support/engines.ts';
import { jobRow } from '../../support/job-row.ts';
import { taskRow } from '../store/rows.ts';
import { createWorld, MINUTE, type World } from './world.ts';

const causesOf = async (world: World, jobId: string) => causesOfFailures(world.deps, world.scope, jobId);

describe('texts of devices', () => {
  it.each([
    ['flash write error at block 17', 'flash write error at block #'],
    ['bad address 0xDEADbeef,  offset 4096 ', 'bad address #, offset #'],
    ['', ''],
    ['x'.repeat(500), 'x'.repeat(120)],
  ])('%j have in common %j', (text, common) => {
    expect(commonText(text)).toBe(common);
  });
});

eachEngine('the causes of failures', (database) => {
  it('are what devices report, by kind and by what they say, with some of the devices', async () => {
    const world = await createWorld(database);
    const lamps = await world.devices(6);
    const jobId = await world.job();
    await world.node.claim(lamps, 'all');
    const steps = [
      [-1, ''],
      [-2, 'HTTP 404'],
      [-2, 'HTTP 500'],
      [-3, ''],
      [-4, 'no room'],
    ] as const;
    for (const [index, [step, text]] of steps.entries()) {
      const lamp = lamps[index];
      if (lamp) await world.progress(lamp, step, text);
    }
    const { failed, looked, causes } = await causesOf(world, jobId);
    expect([failed, looked]).toEqual([5, 5]);
    expect(causes).toEqual([
      { cause: 'DOWNLOAD', text: 'HTTP #', count: 2, devices: ['dev-000003', 'dev-000002'] },
      { cause: 'FLASHING', text: 'no room', count: 1, devices: ['dev-000005'] },
      { cause: 'UPDATE', text: 'update failed', count: 1, devices: ['dev-000001'] },
      { cause: 'VERIFICATION', text: 'verification failed', count: 1, devices: ['dev-000004'] },
    ]);
  });

  it('are timeouts, wrong versions, and devices that were busy, too', async () => {
    const world = await createWorld(database);
    const [slow, astray] = await world.devices(3);
    await world.job({ devices: ['dev-000003'] });
    const jobId = await world.job({ timeoutMinutes: 1 });
    if (!slow || !astray) return;
    await world.node.claim([slow, astray], 'all');
    await world.progress(slow, 10);
    await world.progress(astray, 10);
    await world.inform(astray, '9.9.9');
    await world.pass(2 * MINUTE);
    const { causes } = await causesOf(world, jobId);
    expect(causes.map(({ cause, devices }) => [cause, ...devices]).sort()).toEqual([
      ['BUSY', 'dev-000003'],
      ['TIMEOUT', slow.deviceName],
      ['VERSION', astray.deviceName],
    ]);
  });

  it('are forgotten when a task is tried again', async () => {
    const world = await createWorld(database);
    const [lamp] = await world.devices(1);
    const jobId = await world.job();
    if (!lamp) return;
    await world.node.claim([lamp], 'all');
    await world.progress(lamp, -2);
    expect((await world.task(jobId, lamp)).cause).toBe('DOWNLOAD');
    await reupgradeTasks(world.deps, world.scope, jobId, [taskId(jobId, 0)]);
    expect((await world.task(jobId, lamp)).cause).toBe(null);
    expect(await causesOf(world, jobId)).toEqual({ failed: 0, looked: 0, causes: [] });
  });

  it('of many tasks are found a slice at a time, with OTHER for those of which none was kept', async () => {
    const world = await createWorld(database);
    const rows = Array.from({ length: 4_500 }, (_, seq) =>
      taskRow(seq, { status: seq < 4_400 ? 'FAILED' : 'SUCCEEDED', active_module: null, description: 'why not' }),
    );
    await world.engine.transaction(async (tx) => {
      await insertJob(
        tx,
        jobRow({ instance_id: world.scope.instanceId, product_key: world.productKey, task_total: 4_500 }),
        [],
      );
      await insertTasks(tx, rows);
    });
    const { failed, looked, causes } = await causesOf(world, 'j');
    expect([failed, looked]).toEqual([4_400, 4_400]);
    expect(causes).toMatchObject([{ cause: 'OTHER', text: 'why not', count: 4_400 }]);
    expect(causes[0]?.devices).toHaveLength(5);
  });

  it("of another account's job are not told", async () => {
    const world = await createWorld(database);
    await world.devices(1);
    const jobId = await world.job();
    const { accountId } = await createAccount(world.deps, 'stranger');
    const scope = await resolveScope(world.engine.read, accountId, undefined);
    expect(await world.refusal(() => causesOfFailures(world.deps, scope, jobId))).toBe('ota.jobNotFound');
  });
});
