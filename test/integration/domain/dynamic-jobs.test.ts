import { describe, expect, it } from 'vitest';
import { cancelStrategy } from '../../../src/domain/cancel.ts';
import { setProps } from '../../../src/domain/device-props.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import { disable } from '../../../src/domain/device-states.ts';
import { removeDynamicGroup } from '../../../src/domain/dynamic-groups.ts';
import { createDynamicJob } from '../../../src/domain/dynamic-jobs.ts';
import { packageStatus } from '../../../src/domain/firmware.ts';
import { createGroup } from '../../../src/domain/groups.ts';
import { queryJob } from '../../../src/domain/jobs.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { advanceJob } from '../../../src/domain/rollout/advance.ts';
import { SECOND_LOOK_MS, SWEEP_MS } from '../../../src/domain/rollout/strategies.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOn } from '../../support/query-spy.ts';
import { dynamicGroup, dynamicJob, fail, statesOf } from './dynamic-world.ts';
import { createWorld, expectConsistent, NEW, OLD, reopen, type World } from './world.ts';

const tag = (world: World, device: DeviceRef, props: object) =>
  setProps(world.deps, world.scope, { device: { id: device.deviceId }, text: JSON.stringify(props) });

eachEngine('a dynamic job by version', (database) => {
  it('makes tasks for the activated devices that are at its versions, and goes on', async () => {
    const world = await createWorld(database);
    for (const version of ['1.0.0', '1.1.0', '1.2.0', NEW, null]) await world.devices([`dev-${version}`], { version });
    await world.devices(['dev-unactivated'], { activated: false });
    const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
    await world.devices(['dev-pump'], { productKey: other.key });
    const job = await dynamicJob(world, { srcVersions: ['1.0.0', '1.2.0', NEW] });
    expect(await world.names(job)).toEqual(['dev-1.0.0', 'dev-1.2.0']);
    await world.pass(0);
    expect(await queryJob(world.deps, world.scope, job)).toMatchObject({
      status: 'IN_PROGRESS',
      selection: 'DYNAMIC',
      target: 'ALL',
      dynamic_mode: 1,
      cursor: null,
      src_versions: '["1.0.0","1.2.0","2.0.0"]',
    });
    await expectConsistent(world);
  });

  it('is made in chunks that survive a restart', async () => {
    const world = await createWorld(database);
    await world.devices(1_500);
    const job = await dynamicJob(world);
    expect((await world.jobRow(job)).task_total).toBe(1_000);
    const later = await reopen(world, database);
    await later.advance(job);
    expect(await later.jobRow(job)).toMatchObject({ task_total: 1_500, cursor: null });
    await expectConsistent(later);
  });

  it('takes in a device that is activated later, when it reports its version', async () => {
    const world = await createWorld(database);
    const job = await dynamicJob(world);
    const [device] = (await world.devices(1, { activated: false, version: null })) as [DeviceRef];
    await world.connect(device);
    expect(await statesOf(world, job, device)).toEqual([]);
    expect(await world.inform(device, OLD)).toEqual([]);
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
    expect(world.nudges).toContainEqual({ kind: 'push', deviceIds: [device.deviceId] });
    const [push] = await world.node.claim([device], 'fresh');
    expect(push?.notice.package?.version).toBe(NEW);
    await world.inform(device, NEW);
    expect(await statesOf(world, job, device)).toEqual(['SUCCEEDED']);
    await world.pass(0);
    expect((await world.jobRow(job)).status).toBe('IN_PROGRESS');
    await expectConsistent(world);
  });

  it('takes in a device whose new version matches, once for each time it comes to that version', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
    const job = await dynamicJob(world);
    await world.inform(device, '0.9.0');
    expect(await statesOf(world, job, device)).toEqual([]);
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['NOTIFIED']);
    await fail(world, device);
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['FAILED']);
    await world.inform(device, '0.9.0');
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['FAILED', 'QUEUED']);
    await expectConsistent(world);
  });

  it('matches a device ten times at most', async () => {
    const world = await createWorld(database);
    const [device, another] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const job = await dynamicJob(world);
    for (let match = 1; match <= 12; match += 1) {
      await fail(world, device);
      await world.inform(device, `0.${match}`);
      await world.inform(device, OLD);
    }
    expect(await statesOf(world, job, device)).toEqual(Array(10).fill('FAILED'));
    await fail(world, another);
    await world.inform(another, '0.9.0');
    await world.inform(another, OLD);
    expect(await statesOf(world, job, another)).toEqual(['FAILED', 'QUEUED']);
  });

  it('goes by the module of its package', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await dynamicJob(world, { firmwareId: await world.firmware({ module: 'MCU' }), srcVersions: ['1'] });
    await world.inform(device, '1');
    expect(await statesOf(world, job, device)).toEqual([]);
    await world.inform(device, '1', 'MCU');
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
  });

  it('of mode 2 is for those only that report a new version from then on', async () => {
    const world = await createWorld(database);
    const [here, comes] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const job = await dynamicJob(world, { mode: 2 });
    await world.pass(SECOND_LOOK_MS);
    await world.pass(SWEEP_MS);
    await world.inform(here, OLD);
    expect(await world.tasks(job)).toEqual([]);
    await world.inform(comes, '0.9.0');
    await world.inform(comes, OLD);
    expect(await world.names(job)).toEqual([comes.deviceName]);
    expect(await world.jobRow(job)).toMatchObject({ dynamic_mode: 2, due_at: null });
  });

  it('of a differential package is for its source version', async () => {
    const world = await createWorld(database);
    const [at, other] = (await world.devices(2, { version: '1.1.0' })) as [DeviceRef, DeviceRef];
    await world.inform(other, OLD);
    const firmwareId = await world.firmware({ type: 1, src_version: '1.1.0' });
    const refused = (srcVersions: string[]) => world.refusal(() => dynamicJob(world, { firmwareId, srcVersions }));
    expect(await refused([OLD])).toBe('common.invalidParameter');
    expect(await refused(['1.1.0', OLD])).toBe('common.invalidParameter');
    const job = await dynamicJob(world, { firmwareId, srcVersions: ['1.1.0'] });
    expect(await world.names(job)).toEqual([at.deviceName]);
    await world.inform(other, '1.1.0');
    expect(await statesOf(world, job, other)).toEqual(['QUEUED']);
  });

  it('looks at all devices a second time, for a report that was being written at its start', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
    const job = await dynamicJob(world);
    // written by a transaction that did not see the job
    await world.engine.transaction(({ db }) =>
      db.updateTable('module_version').set({ version: OLD }).where('device_id', '=', device.deviceId).execute(),
    );
    await world.pass(SECOND_LOOK_MS - 1);
    expect(await statesOf(world, job, device)).toEqual([]);
    await world.pass(1);
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
    expect(await world.jobRow(job)).toMatchObject({ cursor: null, sweep_at: null, due_at: null });
  });

  describe('beside others', () => {
    it('the newest of those that match gets the device', async () => {
      const world = await createWorld(database);
      const older = await dynamicJob(world);
      const newest = await dynamicJob(world, { srcVersions: [OLD] });
      const elsewhere = await dynamicJob(world, { srcVersions: ['0.1.0'] });
      const [device, other] = (await world.devices(2, { version: null })) as [DeviceRef, DeviceRef];
      await world.inform(device, OLD);
      await world.inform(other, '0.1.0');
      expect(await world.names(older)).toEqual([]);
      expect(await world.names(newest)).toEqual([device.deviceName]);
      expect(await world.names(elsewhere)).toEqual([other.deviceName]);
    });

    it('an older one passes over those that a newer one matches when it looks at all devices', async () => {
      const world = await createWorld(database);
      await world.devices(1_001);
      const older = await dynamicJob(world);
      const newer = await dynamicJob(world, { overwriteMode: 2 });
      await world.advance(newer);
      await world.advance(older);
      expect(await world.names(older)).toHaveLength(1_000);
      expect(await world.names(newer)).toHaveLength(1_001);
      await expectConsistent(world);
    });

    it('a device goes on from one to the next', async () => {
      const world = await createWorld(database);
      const [device] = (await world.devices(1)) as [DeviceRef];
      await dynamicJob(world);
      const next = await dynamicJob(world, {
        firmwareId: await world.firmware({ dest_version: '3.0.0' }),
        srcVersions: [NEW],
      });
      await world.connect(device);
      await world.node.claim([device], 'fresh');
      await world.inform(device, NEW);
      expect(await statesOf(world, next, device)).toEqual(['QUEUED']);
      expect((await world.task(next, device)).src_version).toBe(NEW);
      await expectConsistent(world);
    });

    it.each([
      [1, ['QUEUED'], ['FAILED']],
      [2, ['CANCELED'], ['QUEUED']],
    ])('a late match of a busy device with OverwriteMode %d', async (overwriteMode, old, fresh) => {
      const world = await createWorld(database);
      const [device] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
      const first = await world.job({ devices: [device] });
      const job = await dynamicJob(world, { overwriteMode });
      await world.inform(device, OLD);
      expect(await statesOf(world, first, device)).toEqual(
        old.map((state) => (state === 'QUEUED' ? 'NOTIFIED' : state)),
      );
      expect(await statesOf(world, job, device)).toEqual(fresh);
      await expectConsistent(world);
    });

    it('a task in progress is never replaced', async () => {
      const world = await createWorld(database);
      const [device] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
      const first = await world.job({ devices: [device] });
      await world.node.claim([device], 'fresh');
      await world.progress(device, 50);
      const job = await dynamicJob(world, { overwriteMode: 2, srcVersions: ['0.9.0'] });
      expect(await statesOf(world, first, device)).toEqual(['IN_PROGRESS']);
      expect(await statesOf(world, job, device)).toEqual(['FAILED']);
    });

    it('the report still leads to a push of the task that stays', async () => {
      const world = await createWorld(database);
      const [device] = (await world.devices(1, { version: '0.9.0' })) as [DeviceRef];
      const first = await world.job({ devices: [device] });
      await dynamicJob(world);
      const [reply] = await world.inform(device, OLD);
      expect(reply?.taskId).toContain(first);
    });
  });

  it('has the settings of any rollout', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await dynamicJob(world, {
      needConfirm: true,
      needPush: false,
      timeoutMinutes: 60,
      retryInterval: 10,
      retryCount: 2,
      maximumPerMinute: 10,
      tags: [{ key: 'k', value: 'v' }],
    });
    expect(await statesOf(world, job, device)).toEqual(['CONFIRM']);
    expect(await world.jobRow(job)).toMatchObject({ need_push: 0, timeout_minutes: 60, retry_count: 2 });
    await world.inform(device, '0.9.0');
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['CONFIRM']);
  });

  it('keeps to its push rate', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(12, { version: null });
    await dynamicJob(world, { maximumPerMinute: 10 });
    for (const device of devices) await world.inform(device, OLD);
    expect(await world.node.claim(devices, 'fresh')).toHaveLength(10);
  });

  it('takes an empty group beside versions for none', async () => {
    const world = await createWorld(database);
    const { deps, scope, productKey } = world;
    const selection = { srcVersions: [OLD], groupId: '', groupType: undefined, mode: undefined };
    const firmwareId = await world.firmware();
    const { id } = await createDynamicJob(deps, scope, { firmwareId, productKey, selection, settings: {} });
    expect((await world.jobRow(id)).group_id).toBeNull();
  });

  it('is refused when something is wrong', async () => {
    const world = await createWorld(database);
    const firmwareId = await world.firmware();
    const refused = (changes: object) => world.refusal(() => dynamicJob(world, { firmwareId, ...changes }));
    const group = await dynamicGroup(world, 'name = "dev1"');
    expect(await refused({ firmwareId: 'nothing' })).toBe('ota.firmwareNotFound');
    const unverified = await world.firmware({ status: packageStatus.unverified });
    expect(await refused({ firmwareId: unverified })).toBe('ota.firmwareNotVerified');
    expect(await refused({ srcVersions: [] })).toBe('common.invalidParameter');
    expect(await refused({ srcVersions: ['1', '1'] })).toBe('common.invalidParameter');
    expect(await refused({ srcVersions: ['1 0'] })).toBe('common.invalidParameter');
    expect(await refused({ srcVersions: Array.from({ length: 11 }, (_, index) => `${index}`) })).toBe(
      'common.invalidParameter',
    );
    expect(await refused({ mode: 3 })).toBe('common.invalidParameter');
    expect(await refused({ srcVersions: [OLD], groupId: group })).toBe('common.invalidParameter');
    expect(await refused({ groupId: group, groupType: 'LINK_PLATFORM' })).toBe('common.invalidParameter');
    expect(await refused({ groupType: 'LINK_PLATFORM_DYNAMIC' })).toBe('group.nullId');
    expect(await refused({ groupId: 'nothing' })).toBe('group.notFound');
    const listed = await createGroup(world.deps, world.scope, { name: 'listed' });
    expect(await refused({ groupId: listed.id })).toBe('group.notFound');
    expect(await refused({ multiModule: true, overwriteMode: 2 })).toBe('common.invalidParameter');
    await dynamicJob(world, { firmwareId });
    expect(await refused({})).toBe('ota.dynamicJobRunning');
  });

  it('a package has one that runs, also when callers come at the same time', async () => {
    const world = await createWorld(database);
    const firmwareId = await world.firmware();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => dynamicJob(world, { firmwareId })));
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(made).toHaveLength(1);
    await world.job({ firmwareId });
    await cancelStrategy(world.deps, world.scope, made[0] ?? '');
    await dynamicJob(world, { firmwareId });
  });

  it('reports of many devices at the same time bring each in once', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(30, { version: null });
    const job = await dynamicJob(world);
    await Promise.all([
      ...devices.map((device) => world.inform(device, OLD)),
      ...devices.map((device) => world.inform(device, OLD)),
      advanceJob(world.deps, job),
    ]);
    expect((await world.names(job)).sort()).toEqual(devices.map((device) => device.deviceName).sort());
    await expectConsistent(world);
  });
});

eachEngine('a dynamic job of a group', (database) => {
  it('is for the devices that the rule finds, at whatever version', async () => {
    const world = await createWorld(database);
    const [red, blue, done] = (await world.devices(['dev-red', 'dev-blue', 'dev-done'])) as DeviceRef[];
    await world.inform(done as DeviceRef, NEW);
    for (const device of [red, done]) await tag(world, device as DeviceRef, { color: 'red' });
    await tag(world, blue as DeviceRef, { color: 'blue' });
    const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
    const [pump] = (await world.devices(['dev-pump'], { productKey: other.key })) as [DeviceRef];
    await tag(world, pump, { color: 'red' });
    const groupId = await dynamicGroup(world, 'tag.tag_name = "color" and tag.tag_value = "red"');
    const job = await dynamicJob(world, { groupId });
    expect(await world.names(job)).toEqual(['dev-red']);
    const told = await queryJob(world.deps, world.scope, job);
    expect(told).toMatchObject({ target: 'ALL', group_id: groupId, src_versions: '[]' });
    expect(told.group_name).toMatch(/^group_/);
  });

  it('takes in a device that its rule comes to find, within five minutes', async () => {
    const world = await createWorld(database);
    const [device, offline] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    const job = await dynamicJob(world, { groupId: await dynamicGroup(world, 'tag.tag_name = "ready"') });
    const disabled = await dynamicJob(world, {
      groupId: await dynamicGroup(world, 'status = "DISABLE" or nickname = "x"'),
      firmwareId: await world.firmware({ module: 'MCU' }),
    });
    await tag(world, device, { ready: 'yes' });
    await disable(world.deps, world.scope, { id: offline.deviceId });
    await world.pass(SWEEP_MS - 1);
    expect(await world.names(job)).toEqual([]);
    const later = await reopen(world, database);
    await later.pass(1);
    expect(await later.names(job)).toEqual([device.deviceName]);
    expect(await later.names(disabled)).toEqual([offline.deviceName]);
    expect((await later.jobRow(job)).due_at).toBe(later.clock.now() + SWEEP_MS);
    // and what it had once, it has not again because its rule finds it still
    await fail(later, device);
    await later.pass(SWEEP_MS);
    expect(await statesOf(later, job, device)).toEqual(['FAILED']);
    await expectConsistent(later);
  });

  it('looks at all devices in steps that take half a second and some statements for a page', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(4_500);
    const job = await dynamicJob(world, { groupId: await dynamicGroup(world, 'tag.tag_name = "ready"') });
    await world.advance(job);
    await world.clock.advance(SWEEP_MS);
    await advanceJob(world.deps, job);
    // a page takes 300 ms
    let asked = 0;
    const clock = { ...world.clock, now: () => world.clock.now() + 300 * asked++ };
    await advanceJob({ ...world.deps, clock }, job);
    expect((await world.jobRow(job)).cursor).toBe(devices[1_999]?.deviceName);
    const spy = spyOn(world.engine.read, database.kind);
    await advanceJob({ ...world.deps, engine: { ...world.engine, read: spy.db } }, job);
    expect((await world.jobRow(job)).cursor).toBeNull();
    // the job twice; for each of three pages the devices, the jobs of their product, and those that the rule finds
    expect(spy.count()).toBe(2 + 3 * 3);
  });

  it('takes in a device at once with its next report, be it of the same version', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await dynamicJob(world, { groupId: await dynamicGroup(world, 'status = "ONLINE"') });
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual([]);
    await world.connect(device);
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
    await world.inform(device, OLD);
    await fail(world, device);
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['FAILED']);
    await world.inform(device, '0.9.0');
    expect(await statesOf(world, job, device)).toEqual(['FAILED', 'QUEUED']);
  });

  it('goes by the version that is being reported', async () => {
    const world = await createWorld(database);
    const rule = 'ota_module.name = "default" and ota_module.version = "1.0.0"';
    const job = await dynamicJob(world, { groupId: await dynamicGroup(world, rule) });
    const [device] = (await world.devices(1, { version: null })) as [DeviceRef];
    await world.inform(device, OLD);
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
  });

  it('of mode 2 is for new versions only', async () => {
    const world = await createWorld(database);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const job = await dynamicJob(world, { mode: 2, groupId: await dynamicGroup(world, 'tag.tag_name = "ready"') });
    await tag(world, device, { ready: 'yes' });
    await world.pass(SWEEP_MS);
    await world.inform(device, OLD);
    expect(await world.tasks(job)).toEqual([]);
    await world.inform(device, '1.0.1');
    expect(await statesOf(world, job, device)).toEqual(['QUEUED']);
  });

  it('of a differential package needs no versions', async () => {
    const world = await createWorld(database);
    const [at] = (await world.devices(['dev-at'], { version: '1.1.0' })) as [DeviceRef];
    await world.devices(['dev-other']);
    const firmwareId = await world.firmware({ type: 1, src_version: '1.1.0' });
    const job = await dynamicJob(world, { firmwareId, groupId: await dynamicGroup(world, 'name like "dev%"') });
    expect(await world.names(job)).toEqual([at.deviceName]);
  });

  it('agrees with the others of its group on busy devices', async () => {
    const world = await createWorld(database);
    const groupId = await dynamicGroup(world, 'name like "dev%"');
    const first = await dynamicJob(world, { groupId, overwriteMode: 2 });
    const refused = (changes: object) => world.refusal(() => dynamicJob(world, { groupId, ...changes }));
    expect(await refused({})).toBe('common.invalidParameter');
    expect(await refused({ multiModule: true })).toBe('common.invalidParameter');
    await dynamicJob(world, { groupId: await dynamicGroup(world, 'name like "dev%"') });
    await dynamicJob(world, { groupId, overwriteMode: 2 });
    await cancelStrategy(world.deps, world.scope, first);
    expect(await refused({})).toBe('common.invalidParameter');
  });

  it('the newest wins among groups and versions', async () => {
    const world = await createWorld(database);
    const [device, other] = (await world.devices(2, { version: '0.9.0' })) as [DeviceRef, DeviceRef];
    await tag(world, device, { ready: 'yes' });
    const byVersion = await dynamicJob(world);
    const byGroup = await dynamicJob(world, {
      groupId: await dynamicGroup(world, 'tag.tag_name = "ready"'),
      mode: 2,
    });
    await world.inform(device, OLD);
    await world.inform(other, OLD);
    expect(await world.names(byGroup)).toEqual([device.deviceName]);
    expect(await world.names(byVersion)).toEqual([other.deviceName]);
  });

  it('leaves tasks alone when the device leaves the group, or the group is deleted', async () => {
    const world = await createWorld(database);
    const [device, later] = (await world.devices(2)) as [DeviceRef, DeviceRef];
    await tag(world, device, { ready: 'yes' });
    const groupId = await dynamicGroup(world, 'tag.tag_name = "ready" and tag.tag_value = "yes"');
    const job = await dynamicJob(world, { groupId });
    await tag(world, device, { ready: 'no' });
    await world.inform(device, OLD);
    await world.pass(SWEEP_MS);
    expect(await statesOf(world, job, device)).toEqual(['NOTIFIED']);
    await removeDynamicGroup(world.deps, world.scope, groupId);
    await tag(world, later, { ready: 'yes' });
    await world.inform(later, '1.0.1');
    await world.pass(SWEEP_MS);
    expect(await world.names(job)).toEqual([device.deviceName]);
    const told = await queryJob(world.deps, world.scope, job);
    expect([told.status, told.group_id, told.group_name]).toEqual(['IN_PROGRESS', groupId, null]);
    await world.inform(device, NEW);
    expect(await statesOf(world, job, device)).toEqual(['SUCCEEDED']);
  });
});
