import type { Db } from '../store/engine.ts';
import { filesOfFirmware, findFirmware } from '../store/queries/firmware.ts';
import { countMembers } from '../store/queries/groups.ts';
import { candidatesByName } from '../store/queries/jobs.ts';
import { isHeading } from '../wire/name-list.ts';
import { checkMqttFiles } from './delivery-protocol.ts';
import type { Scope } from './deps.ts';
import { checkConflictRules, checkDynamicSelection, type DynamicSelection, refuseSecond } from './dynamic-jobs.ts';
import { searchOf } from './group-rules.ts';
import { DYNAMIC, requireGroup } from './groups.ts';
import { checkRolloutSettings, type RolloutSettings } from './job-settings.ts';
import { checkRollout, type JobDeps, jobRow, type NewJob, packageOf } from './jobs.ts';
import { checkNameList, type NameList, namesFrom } from './name-lists.ts';
import { type Meant, meantByGroup, meantByProduct } from './rollout/candidates.ts';
import { searched } from './rollout/dynamic-candidates.ts';
import { grayCount, readPercent } from './rollout/gray.ts';
import { type JobRules, type Slice, type Survey, survey } from './rollout/survey.ts';
import { checkSelection, type Selection } from './selection.ts';

/** Devices, or names, that a preview looks at, and how long, before it goes by what it has seen. */
const MOST_LOOKED_AT = 100_000;
const PATIENCE_MS = 2_000;
/** Looked at in one statement: some milliseconds. */
const SLICE = 1_000;

/** A job as it would be made, and whom it is for: a static one, or a dynamic one. */
export type WantedJob = NewJob & {
  readonly settings: RolloutSettings;
} & (
    | { readonly selection: Selection; readonly dynamic?: undefined }
    | { readonly selection?: undefined; readonly dynamic: DynamicSelection }
  );

export interface Preview extends Omit<Survey, 'isWhole'> {
  /** Whether the numbers are reckoned from a part of the devices, or from a percentage of them. */
  readonly isEstimated: boolean;
  readonly module: string;
  readonly destVersion: string;
  /** Seconds until the last device is told, if all were connected. */
  readonly seconds: number;
  /** Of package files that the devices would fetch. */
  readonly bytes: number;
}

/** Where devices come from, and how many devices or names there are to look at. */
interface Source {
  readonly total: number;
  readonly slices: AsyncIterable<Slice>;
  /** Of so many devices found, those that are meant; all if left out. */
  readonly choose?: (found: number) => number;
}

/**
 * Whom a job would reach, before it is made. What the job would be refused for is refused here; only names that do not
 * exist are counted instead.
 * @throws the errors of PreviewOTAUpgradeJob
 */
export async function previewJob(deps: JobDeps, scope: Scope, wanted: WantedJob): Promise<Preview> {
  const { engine, clock, limits } = deps;
  const db = engine.read;
  const { firmwareId, settings } = wanted;
  const start = clock.now();
  checkRolloutSettings(settings, start);
  const chosen = wanted.dynamic ? checkDynamicSelection(wanted.dynamic) : checkSelection(wanted.selection, limits);
  const list = 'listFileUrl' in chosen && chosen.listFileUrl !== null ? chosen.listFileUrl : undefined;
  const names = list === undefined ? undefined : await checkNameList(deps, scope, list);
  const find = () => findFirmware(db, scope.instanceId, firmwareId);
  const { firmware, product } = await packageOf(db, scope, wanted, find);
  checkRollout(firmware, chosen.srcVersions);
  const files = await filesOfFirmware(db, [firmware.id]);
  if (settings.downloadProtocol === 'MQTT') checkMqttFiles(files, limits);
  const job = {
    ...jobRow(scope, firmware, settings, { download_protocol: 'HTTPS', stream_id: null }, '', start),
    src_versions: JSON.stringify(chosen.srcVersions),
    group_id: chosen.groupId,
  };
  const group = { scope, job, deviceCount: product.device_count };
  const source =
    'mode' in chosen
      ? await dynamicSource(deps, group, chosen.mode)
      : await staticSource(deps, group, { ...chosen, list: names });
  const seen = await survey(db, job, source.slices, {
    now: start,
    isOver: (looked) => looked >= MOST_LOOKED_AT || clock.now() - start >= PATIENCE_MS,
  });
  const all = reckon(seen, source);
  const served = Math.max(0, all.hit - all.busy);
  return {
    ...all,
    module: job.module,
    destVersion: job.dest_version,
    // those of the first minute are told at once (`push-rate.ts`)
    seconds: served === 0 ? 0 : Math.floor((served - 1) / job.maximum_per_minute) * 60,
    bytes: served * files.reduce((sum, file) => sum + file.size, 0),
  };
}

interface Of {
  readonly scope: Scope;
  readonly job: JobRules & { readonly group_id: string | null };
  /** Devices of the product. */
  readonly deviceCount: number;
}

type Static = ReturnType<typeof checkSelection> & { readonly list: NameList | undefined };

/** @throws group.notFound */
async function staticSource(deps: JobDeps, { scope, job, deviceCount }: Of, chosen: Static): Promise<Source> {
  const db = deps.engine.read;
  const ofProduct = pages((after) => sliceOfProduct(db, job, after));
  switch (chosen.target) {
    case 'ALL':
      return { total: deviceCount, slices: ofProduct };
    case 'GRAY': {
      const percent = readPercent(chosen.grayPercent ?? '') ?? 0;
      return { total: deviceCount, slices: ofProduct, choose: (found) => grayCount(percent, found) };
    }
    case 'GROUP': {
      const { id } = await requireGroup(db, scope, chosen.groupId ?? undefined);
      return { total: await countMembers(db, id), slices: pages((after) => meantByGroup(db, job, after, SLICE)) };
    }
    case 'SPECIFIC': {
      const { list, deviceNames } = chosen;
      const names = list ? listed(deps, list) : inTurn(deviceNames);
      return { total: list?.count ?? deviceNames.length, slices: named(deps, job, names) };
    }
  }
}

/** @throws group.notFound, ota.dynamicJobRunning, common.invalidParameter */
async function dynamicSource(deps: JobDeps, { scope, job, deviceCount }: Of, mode: number): Promise<Source> {
  const db = deps.engine.read;
  await refuseSecond(db, job.firmware_id);
  const group = job.group_id === null ? undefined : await requireGroup(db, scope, job.group_id, DYNAMIC);
  if (group) await checkConflictRules(db, group.id, job);
  // for those only that report another version from now on (openapi-ota 4.10)
  if (mode === 2) return { total: 0, slices: pages(async () => ({ devices: [], looked: 0, after: null })) };
  const search = group && searchOf(group);
  return {
    total: deviceCount,
    slices: pages(async (after) => {
      if (!search) return sliceOfProduct(db, job, after);
      const page = await meantByProduct(db, job, after, SLICE);
      return { ...page, devices: await searched(db, search, page.devices) };
    }),
  };
}

async function sliceOfProduct(db: Db, job: JobRules, after: string): Promise<Slice & Meant> {
  const page = await meantByProduct(db, job, after, SLICE);
  return { ...page, inactive: page.looked - page.devices.length };
}

async function* pages(next: (after: string) => Promise<Slice & Meant>): AsyncGenerator<Slice> {
  for (let after: string | null = ''; after !== null; ) {
    const page = await next(after);
    yield page;
    after = page.after;
  }
}

async function* inTurn(names: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let start = 0; start < names.length; start += SLICE) yield names.slice(start, start + SLICE);
}

async function* listed(deps: JobDeps, { key }: NameList): AsyncGenerator<readonly string[]> {
  for (let from: number | undefined = 0; from !== undefined; ) {
    const { names, end }: Awaited<ReturnType<typeof namesFrom>> = await namesFrom(deps, key, from, SLICE);
    yield names;
    from = end;
  }
}

/** Devices by name; a name that comes again is passed over. */
async function* named(
  { engine }: Pick<JobDeps, 'engine'>,
  job: JobRules,
  lists: AsyncIterable<readonly string[]>,
): AsyncGenerator<Slice> {
  const met = new Set<string>();
  for await (const names of lists) {
    const fresh = [...new Set(names)].filter((name) => !met.has(name));
    for (const name of fresh) met.add(name);
    const { product_key: productKey, module } = job;
    const devices = await candidatesByName(engine.read, { productKey, module, names: fresh });
    const found = new Set(devices.map((device) => device.name));
    const unknown = fresh.filter((name) => !found.has(name) && !isHeading(name));
    yield { devices, looked: names.length, unknown };
  }
}

/** What has been seen of a source as numbers for all of it. */
function reckon(
  { isWhole, ...seen }: Survey,
  { total, choose }: Source,
): Omit<Survey, 'isWhole'> & { isEstimated: boolean } {
  const times = isWhole || seen.looked === 0 ? 1 : Math.max(1, total / seen.looked);
  const found = Math.round(seen.hit * times);
  const hit = choose?.(found) ?? found;
  const share = found === 0 ? 1 : hit / found;
  const ofHit = (count: number) => Math.round(count * times * share);
  return {
    ...seen,
    isEstimated: times > 1 || share < 1 || !isWhole,
    hit,
    versions: new Map([...seen.versions].map(([version, count]) => [version, ofHit(count)])),
    online: ofHit(seen.online),
    busy: ofHit(seen.busy),
    replaced: ofHit(seen.replaced),
    arrived: Math.round(seen.arrived * times),
    unfit: Math.round(seen.unfit * times),
    inactive: Math.round(seen.inactive * times),
    unknown: Math.round(seen.unknown * times),
  };
}
