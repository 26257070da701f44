import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { deleteDevice } from '../../../src/domain/devices.ts';
import { settleDueTasks } from '../../../src/domain/due-tasks.ts';
import { advanceJob } from '../../../src/domain/rollout/advance.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

const DEVICES = 40;
const anyDevice = fc.nat(DEVICES - 1);
const deed = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('job' as const),
      overwriteMode: fc.constantFrom(1, 2),
      multiModule: fc.boolean(),
    }),
  },
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

async function act(world: World, devices: readonly DeviceRef[], one: Deed): Promise<unknown> {
  const device = devices['device' in one ? one.device : 0] as DeviceRef;
  switch (one.kind) {
    case 'job': {
      const { multiModule } = one;
      const settings = {
        multiModule,
        overwriteMode: multiModule ? 1 : one.overwriteMode,
        timeoutMinutes: 5,
        retryInterval: 0,
        retryCount: 1,
      };
      return advanceJob(world.deps, await world.job({ ...settings, maximumPerMinute: 10 }));
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

eachEngine('jobs, tasks and devices', (database) => {
  it('keep their laws when everything happens at once, in two processes', async () => {
    const here = await createWorld(database);
    const there = await reopen(here, database);
    const rounds = fc.array(fc.array(deed, { minLength: 20, maxLength: 20 }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rounds, async (story) => {
        const devices = await here.devices(DEVICES);
        const deleted = new Set<number>();
        for (const round of story) {
          for (const one of round) if (one.kind === 'delete') deleted.add(one.device);
          const deeds = round.map((one, index) => act(index % 2 ? here : there, devices, one));
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
