import { expect, it } from 'vitest';
import { createDynamicGroup } from '../../../src/domain/dynamic-groups.ts';
import { createDynamicJob } from '../../../src/domain/dynamic-jobs.ts';
import { addToGroup } from '../../../src/domain/group-members.ts';
import { createGroup } from '../../../src/domain/groups.ts';
import { previewJob, type WantedJob } from '../../../src/domain/job-preview.ts';
import type { Selection } from '../../../src/domain/selection.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, NEW, OLD, type World } from './world.ts';

const all: Selection = {
  target: 'ALL',
  srcVersions: undefined,
  deviceNames: undefined,
  listFileUrl: undefined,
  grayPercent: undefined,
  groupId: undefined,
  groupType: undefined,
};

type Wanted = Partial<Selection> & { readonly firmwareId?: string; readonly settings?: WantedJob['settings'] };

const preview = async (world: World, { firmwareId, settings = {}, ...chosen }: Wanted = {}) =>
  previewJob(world.deps, world.scope, {
    firmwareId: firmwareId ?? (await world.firmware()),
    productKey: world.productKey,
    selection: { ...all, ...chosen },
    settings,
  });

eachEngine('the preview of a job', (database) => {
  it('says whom the job reaches then, by version and whether they are online', async () => {
    const world = await createWorld(database);
    const [lamp] = await world.devices(3);
    await world.devices(2, { version: '1.5.0' });
    await world.devices(1, { version: null });
    await world.devices(4, { version: NEW });
    await world.devices(5, { activated: false, version: null });
    if (lamp) await world.connect(lamp);
    const firmwareId = await world.firmware();
    const seen = await preview(world, { firmwareId });
    expect(seen).toMatchObject({
      isEstimated: false,
      looked: 15,
      hit: 6,
      online: 1,
      busy: 0,
      replaced: 0,
      arrived: 4,
      unfit: 0,
      inactive: 5,
      unknown: 0,
      module: 'default',
      destVersion: NEW,
    });
    expect(seen.versions).toEqual(
      new Map([
        [OLD, 3],
        ['1.5.0', 2],
        ['', 1],
      ]),
    );
    expect(await world.names(await world.job({ firmwareId }))).toEqual([...seen.sample]);
    const some = await preview(world, { firmwareId, srcVersions: ['1.5.0'] });
    expect(some).toMatchObject({ hit: 2, unfit: 4, arrived: 4 });
  });

  it('makes nothing: neither a job nor a task', async () => {
    const world = await createWorld(database);
    await world.devices(2);
    const counted = async () =>
      Promise.all(
        (['job', 'task', 'job_target'] as const).map((table) =>
          world.engine.read.selectFrom(table).selectAll().execute(),
        ),
      );
    await preview(world);
    await preview(world, { target: 'SPECIFIC', deviceNames: ['dev-000001'] });
    expect(await counted()).toEqual([[], [], []]);
  });

  it('tells devices whose task would fail from those whose task would make way', async () => {
    const world = await createWorld(database);
    const [first] = await world.devices(3);
    if (first) await world.connect(first);
    await world.job({ devices: ['dev-000001', 'dev-000002'] });
    const seen = await preview(world);
    expect(seen).toMatchObject({ hit: 3, busy: 2, replaced: 0, online: 0, bytes: 84, sample: ['dev-000003'] });
    expect(seen.versions).toEqual(new Map([[OLD, 1]]));
    expect(await preview(world, { settings: { overwriteMode: 2 } })).toMatchObject({ hit: 3, busy: 0, replaced: 2 });
  });

  it('counts names that are no devices', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    const seen = await preview(world, { target: 'SPECIFIC', deviceNames: ['dev-000001', 'nobody'] });
    expect(seen).toMatchObject({ looked: 2, hit: 1, unknown: 1, unknownSample: ['nobody'], sample: ['dev-000001'] });
  });

  it('is for the percentage of GRAY, exact in number and in proportion for the rest', async () => {
    const world = await createWorld(database);
    await world.devices(60);
    await world.devices(40, { version: '1.5.0' });
    const seen = await preview(world, { target: 'GRAY', grayPercent: '10' });
    expect(seen).toMatchObject({ isEstimated: true, hit: 10 });
    expect([...seen.versions.values()]).toEqual([6, 4]);
    expect(await preview(world, { target: 'GRAY', grayPercent: '100' })).toMatchObject({
      isEstimated: false,
      hit: 100,
    });
  });

  it('is for the devices of a group, static or dynamic', async () => {
    const world = await createWorld(database);
    await world.devices(3);
    const { deps, scope, productKey } = world;
    const { id: groupId } = await createGroup(deps, scope, { name: 'hall' });
    await addToGroup(deps, scope, { groupId, members: [{ productKey, name: 'dev-000002' }] });
    const chosen = { target: 'GROUP', groupId, groupType: 'LINK_PLATFORM' };
    expect(await preview(world, chosen)).toMatchObject({ looked: 1, hit: 1, sample: ['dev-000002'] });
    const rule = 'name = "dev-000003"';
    const { id: dynamicId } = await createDynamicGroup(deps, scope, { name: 'found', expression: rule });
    const dynamic = { srcVersions: undefined, groupId: dynamicId, groupType: 'LINK_PLATFORM_DYNAMIC', mode: 1 };
    const input = { firmwareId: await world.firmware(), productKey, settings: {} };
    expect(await previewJob(deps, scope, { ...input, dynamic })).toMatchObject({ hit: 1, sample: ['dev-000003'] });
    const later = await previewJob(deps, scope, { ...input, dynamic: { ...dynamic, mode: 2 } });
    expect(later).toMatchObject({ isEstimated: false, hit: 0 });
    const made = await createDynamicJob(deps, scope, { ...input, selection: dynamic });
    expect(await world.names(made.id)).toEqual(['dev-000003']);
    expect(await world.refusal(() => previewJob(deps, scope, { ...input, dynamic }))).toBe('ota.dynamicJobRunning');
  });

  it('reckons how long it takes at the push rate, and how much is served', async () => {
    const world = await createWorld(database);
    await world.devices(25);
    const rate = (maximumPerMinute: number) => preview(world, { settings: { maximumPerMinute } });
    expect(await rate(25)).toMatchObject({ seconds: 0, bytes: 25 * 84 });
    expect(await rate(10)).toMatchObject({ seconds: 120 });
  });

  it('stops when its time is over, and reckons the rest in proportion', async () => {
    const world = await createWorld(database);
    await world.devices(2_500);
    await world.engine.transaction(({ db }) => db.updateTable('product').set({ device_count: 2_500 }).execute());
    let asked = 0;
    // the second slice comes too late
    const clock = { ...world.clock, now: () => world.clock.now() + (asked++ < 2 ? 0 : 2_000) };
    const input = { firmwareId: await world.firmware(), productKey: world.productKey, settings: {} };
    const seen = await previewJob({ ...world.deps, clock }, world.scope, { ...input, selection: all });
    expect(seen).toMatchObject({ isEstimated: true, looked: 1_000, hit: 2_500 });
    expect(seen.versions).toEqual(new Map([[OLD, 2_500]]));
  });
});
