import { findDeviceDetail, findDeviceDetailByName } from '../store/queries/devices.ts';
import { findJobs, type JobRow } from '../store/queries/jobs.ts';
import { activeTasks } from '../store/queries/tasks.ts';
import type { TaskStatus } from '../store/schema.ts';
import { isBeingCanceled } from './cancellation.ts';
import type { Deps, Scope } from './deps.ts';
import type { DeviceSelector } from './devices.ts';
import { fail } from './failure.ts';
import { isDeviceName, isModuleName } from './names.ts';
import { checkProductKey, requireProduct } from './products.ts';
import { unfinishedStatuses } from './task-state.ts';

const MOST_STATES = 4;

/**
 * A filter by unfinished states: one, or a list of at most four; undefined for all.
 * @throws system.illegalRequest for both, firmware.invalidTaskStatus
 */
export function readUnfinishedStatuses(
  one: string | undefined,
  several: readonly string[] | undefined,
): readonly TaskStatus[] | undefined {
  if (one && several) fail('system.illegalRequest');
  if (several && several.length > MOST_STATES) fail('firmware.invalidTaskStatus');
  const wanted = one ? [one] : several;
  return wanted?.map(
    (text) => unfinishedStatuses.find((status) => status === text) ?? fail('firmware.invalidTaskStatus'),
  );
}

/** @throws ota.noDeviceInfo, product.*, device.malformedNameInList, device.notFound: the codes of openapi-ota 8.2 */
async function requireDevice({ engine }: Pick<Deps, 'engine'>, scope: Scope, selector: DeviceSelector) {
  const db = engine.read;
  if (selector.id) return (await findDeviceDetail(db, scope.instanceId, selector.id)) ?? fail('device.notFound');
  if (!selector.productKey && !selector.name) fail('ota.noDeviceInfo');
  const productKey = checkProductKey(selector.productKey);
  if (!selector.name) fail('ota.noDeviceInfo');
  if (!isDeviceName(selector.name)) fail('device.malformedNameInList');
  await requireProduct(db, scope, productKey);
  return (await findDeviceDetailByName(db, scope.instanceId, productKey, selector.name)) ?? fail('device.notFound');
}

/**
 * What a device still has to do, the oldest job first.
 * @throws ota.noDeviceInfo, ota.nullModuleName, ota.malformedModuleName, product.*, device.malformedNameInList,
 * device.notFound
 */
export async function listUnfinishedTasks(
  deps: Pick<Deps, 'engine'>,
  scope: Scope,
  input: {
    readonly device: DeviceSelector;
    readonly module: string | undefined;
    readonly statuses: readonly TaskStatus[] | undefined;
  },
) {
  const { module, statuses } = input;
  if (module === '') fail('ota.nullModuleName');
  if (module !== undefined && !isModuleName(module)) fail('ota.malformedModuleName');
  const device = await requireDevice(deps, scope, input.device);
  const tasks = await activeTasks(deps.engine.read, [device.id]);
  const jobs = await findJobs(
    deps.engine.read,
    tasks.map((task) => task.job_id),
  );
  const rows = tasks
    .map((task) => ({ task, job: jobs.get(task.job_id) as JobRow }))
    .filter(({ task, job }) => job && !isBeingCanceled(job, task))
    .filter(({ task }) => module === undefined || task.active_module === module)
    .filter(({ task }) => statuses === undefined || statuses.includes(task.status));
  return { device, rows };
}
