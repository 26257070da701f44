import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cancelStrategy, cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import { confirmTasks } from '../../../src/domain/confirm.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { settleDueTasks } from '../../../src/domain/due-tasks.ts';
import { createDynamicJob } from '../../../src/domain/dynamic-jobs.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { reupgradeTasks } from '../../../src/domain/reupgrade.ts';
import { advanceJob } from '../../../src/domain/rollout/advance.ts';
import { taskId } from '../../../src/domain/task-id.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

const DEVICES = 40;
const anyDevice = fc.nat(DEVICES - 1);
const someTasks = fc.uniqueArray(anyDevice, { minLength: 1, maxLength: 4 });
const deed = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('job' as const),
      overwriteMode: fc.constantFrom(1, 2),
      multiModule: fc.boolean(),
      needConfirm: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dynamic' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), job: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancelStrategy' as const), job: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('confirm' as const), job: fc.nat(99), tasks: someTasks }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reupgrade' as const), job: fc.nat(99), tasks: someTasks }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('claim' as const), from: anyDevice, all: fc.boolean() }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('inform' as const),
      device: anyDevice,
      version: fc.constantFrom(OLD, NEW, '1.5.0'),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('progress' as const),
      device: anyDevice,
      step: fc.constantFrom(-1, 0, 50, 100),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('get' as const), device: anyDevice }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), device: anyDevice }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

/** @param jobs ids of those made so far */
async function act(world: World, devices: readonly DeviceRef[], jobs: string[], one: Deed): Promise<unknown> {
  const { deps, scope } = world;
  const job = 'job' in one ? (jobs[one.job % Math.max(1, jobs.length)] ?? 'none') : '';
  const device = devices['device' in one ? one.device : 0] as DeviceRef;
  switch (one.kind) {
    case 'job': {
      const { multiModule, needConfirm } = one;
      const settings = {
        multiModule,
        needConfirm,
        overwriteMode: multiModule ? 1 : one.overwriteMode,
        timeoutMinutes: 5,
        retryInterval: 0,
        retryCount: 1,
      };
      const made = await world.job({ ...settings, maximumPerMinute: 10 });
      jobs.push(made);
      return advanceJob(deps, made);
    }
    case 'dynamic': {
      const selection = { srcVersions: [OLD, '1.5.0'], groupId: undefined, groupType: undefined, mode: 1 };
      const firmwareId = await world.firmware();
      const input = { firmwareId, productKey: world.productKey, selection, settings: {} };
      return jobs.push((await createDynamicJob(deps, scope, input)).id);
    }
    case 'cancel': {
      const flags = { scheduled: undefined, queued: true, notified: true, inProgress: undefined, unconfirmed: true };
      return unlessRefused(cancelTasksOfJob(deps, scope, job, flags));
    }
    case 'cancelStrategy':
      return unlessRefused(cancelStrategy(deps, scope, job));
    case 'confirm':
    case 'reupgrade': {
      const ids = one.tasks.map((seq) => taskId(job, seq));
      return unlessRefused(
        one.kind === 'confirm' ? confirmTasks(deps, scope, ids) : reupgradeTasks(deps, scope, job, ids),
      );
    }
    case 'claim':
      return world.node.claim(devices.slice(one.from), one.all ? 'all' : 'fresh');
    case 'inform':
      return world.inform(device, one.version);
    case 'progress':
      return world.progress(device, one.step);
    case 'get':
      return world.node.report(device, { kind: 'get', id: '1', module: undefined });
    case 'settle':
      return settleDueTasks(world.deps, 10);
    case 'delete':
      return deleteDevice(world.deps, world.scope, { id: device.deviceId });
  }
}

/** What a call comes to; what the rules refuse is none of this test's business. */
const unlessRefused = (call: Promise<unknown>) =>
  call.catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
  });

eachEngine('jobs, tasks and devices', (database) => {
  it('keep their laws when everything happens at once, in two processes', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const rounds = fc.array(fc.array(deed, { minLength: 20, maxLength: 20 }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rounds, async (story) => {
        const devices = await here.devices(DEVICES);
        const deleted = new Set<number>();
        const jobs: string[] = [];
        for (const round of story) {
          for (const one of round) if (one.kind === 'delete') deleted.add(one.device);
          const deeds = round.map((one, index) => act(index % 2 ? here : there, devices, jobs, one));
          const outcomes = await Promise.allSettled(deeds);
          for (const [index, outcome] of outcomes.entries()) {
            const one = round[index] as Deed;
            // a device that is being deleted may be unknown to whatever happens to it
            const excused = 'device' in one && deleted.has(one.device);
            if (outcome.status === 'rejected' && !excused) throw outcome.reason;
          }
          await here.clock.advance(MINUTE);
          await expectConsistent(here);
        }
        const { rows } = await orphans(here);
        expect(rows).toEqual([]);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});

/** Unfinished tasks of devices that do not exist. */
async function orphans({ engine }: World) {
  const rows = await engine.read
    .selectFrom('task')
    .leftJoin('device', 'device.id', 'task.device_id')
    .select(['task.job_id', 'task.seq'])
    .where('active_module', 'is not', null)
    .where('device.id', 'is', null)
    .execute();
  return { rows };
}
