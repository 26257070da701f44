import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { createDynamicGroup } from '../../../src/domain/dynamic-groups.ts';
import { createDynamicJob, type DynamicSelection } from '../../../src/domain/dynamic-jobs.ts';
import { DYNAMIC } from '../../../src/domain/groups.ts';
import type { RolloutSettings } from '../../../src/domain/job-settings.ts';
import { OLD, type World } from './world.ts';

export interface NewDynamicJob extends RolloutSettings, Partial<DynamicSelection> {
  readonly firmwareId?: string;
}

/** Creates a dynamic job of a new package, or of the one given: for the old version, unless a group is given. */
export async function dynamicJob(world: World, input: NewDynamicJob = {}): Promise<string> {
  const { firmwareId, srcVersions, groupId, groupType, mode, ...settings } = input;
  const byVersion = groupId === undefined && groupType === undefined;
  const { id } = await createDynamicJob(world.deps, world.scope, {
    firmwareId: firmwareId ?? (await world.firmware()),
    productKey: world.productKey,
    selection: {
      srcVersions: srcVersions ?? (byVersion ? [OLD] : undefined),
      groupId,
      groupType: groupType ?? (groupId === undefined ? undefined : DYNAMIC),
      mode,
    },
    settings,
  });
  return id;
}

let groups = 0;
export async function dynamicGroup(world: World, expression: string): Promise<string> {
  return (await createDynamicGroup(world.deps, world.scope, { name: `group_${++groups}`, expression })).id;
}

/** The states of a device's tasks in a job, in order. */
export async function statesOf(world: World, jobId: string, device: DeviceRef): Promise<string[]> {
  const tasks = await world.tasks(jobId);
  return tasks.filter((task) => task.device_id === device.deviceId).map((task) => task.status);
}

/** Brings a device through its update as far as the job sees it. */
export async function fail(world: World, device: DeviceRef): Promise<void> {
  await world.node.claim([device], 'all');
  await world.progress(device, -1);
}
