import { describe, expect, it } from 'vitest';
import { removeFirmware } from '../../../src/domain/firmware.ts';
import { addToGroup, removeFromGroup } from '../../../src/domain/group-members.ts';
import { createGroup, removeGroup } from '../../../src/domain/groups.ts';
import { queryJob } from '../../../src/domain/jobs.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { advanceJob } from '../../../src/domain/rollout/advance.ts';
import { materialiseChunk } from '../../../src/domain/rollout/materialise.ts';
import { grantUpload, recordUpload, sweepUploads } from '../../../src/domain/uploads.ts';
import { eachEngine } from '../../support/engines.ts';
import { spyOnTransactions } from '../../support/query-spy.ts';
import { createWorld, expectConsistent, HOUR, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

const gray = (grayPercent: string) => ({ selection: { target: 'GRAY', grayPercent } });

eachEngine('a static job for GRAY', (database) => {
  it('is for the percentage of the devices to be updated, rounded down', async () => {
    const world = await createWorld(database);
    await world.devices(100);
    await world.devices(50, { version: NEW });
    await world.devices(50, { activated: false, version: null });
    const job = await world.job(gray('33.33'));
    expect(await world.names(job)).toHaveLength(33);
    expect(await queryJob(world.deps, world.scope, job)).toMatchObject({
      target: 'GRAY',
      gray_percent: '33.33',
      task_total: 33,
      cursor: null,
    });
    await expectConsistent(world);
  });

  it('is for one device at least, and for none where there is none', async () => {
    const world = await createWorld(database);
    const nobody = await world.job(gray('100'));
    await world.advance(nobody);
    expect(await world.jobRow(nobody)).toMatchObject({ task_total: 0, status: 'COMPLETED' });
    await world.devices(3);
    expect(await world.names(await world.job(gray('0.001')))).toHaveLength(1);
  });

  it('counts after the filter by source version, and of a differential package after its own', async () => {
    const world = await createWorld(database);
    await world.devices(10);
    await world.devices(10, { version: '1.5.0' });
    const some = await world.job({ selection: { ...gray('50').selection, srcVersions: ['1.5.0'] } });
    expect((await world.tasks(some)).map((task) => task.src_version)).toEqual(Array(5).fill('1.5.0'));
    const firmwareId = await world.firmware({ type: 1, src_version: OLD });
    const delta = await world.job({ firmwareId, ...gray('30') });
    expect((await world.tasks(delta)).map((task) => task.src_version)).toEqual(Array(3).fill(OLD));
    const wrong = { ...gray('30').selection, srcVersions: ['1.5.0'] };
    expect(await world.refusal(() => world.job({ firmwareId, selection: wrong }))).toBe('common.invalidParameter');
  });

  it('counts and chooses many devices in steps, over a restart, and comes to the exact number', async () => {
    const before = await createWorld(database);
    await before.devices(7_000);
    const job = await before.job(gray('33.333'));
    expect((await before.jobRow(job)).task_total).toBe(0);
    await before.engine[Symbol.asyncDispose]();
    const after = await reopen(before, database);
    let most = 0;
    for (let seen = 0, more = true; more; ) {
      more = await advanceJob(after.deps, job);
      const { task_total: total } = await after.jobRow(job);
      most = Math.max(most, total - seen);
      seen = total;
    }
    expect(most).toBeLessThan(1_000);
    const names = await after.names(job);
    expect(names).toHaveLength(2_333);
    expect(new Set(names).size).toBe(2_333);
    // not simply the first by name
    const firstHalf = names.filter((name) => name <= 'dev-003500').length;
    expect(Math.abs(firstHalf - 1_166)).toBeLessThan(120);
    await expectConsistent(after);
  });

  it('is worked off once by two processes at the same time', async () => {
    const one = await createWorld(database);
    await one.devices(2_500);
    const job = await one.job(gray('40'));
    const two = await reopen(one, database);
    await Promise.all([one.advance(job), two.advance(job)]);
    expect(await one.names(job)).toHaveLength(1_000);
    await expectConsistent(one);
  });

  it('takes its percentage of those that are left when devices have gone since they were counted', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(6_000);
    const job = await world.job(gray('50'));
    // counting goes on from the 5,000th; choosing has not begun
    expect(await world.jobRow(job)).toMatchObject({ task_total: 0 });
    while ((await world.jobRow(job)).task_total === 0) await advanceJob(world.deps, job);
    const chosen = new Set(await world.names(job));
    const others = devices.slice(1_000).filter((device) => !chosen.has(device.deviceName));
    const gone = others.slice(0, 2_000).map((device) => device.deviceId);
    await world.engine.transaction(({ db }) =>
      db.updateTable('module_version').set({ version: NEW }).where('device_id', 'in', gone).execute(),
    );
    await world.advance(job);
    const names = await world.names(job);
    expect(names).toHaveLength(2_000);
    expect(new Set(names).size).toBe(2_000);
    await expectConsistent(world);
  });

  it('is not enlarged by devices that appear after they were counted', async () => {
    const world = await createWorld(database);
    await world.devices(2_000);
    const job = await world.job(gray('10'));
    await world.devices(1_000);
    await world.advance(job);
    expect(await world.names(job)).toHaveLength(200);
  });
});

eachEngine('a static job for GROUP', (database) => {
  const group = (groupId: string) => ({ selection: { target: 'GROUP', groupId, groupType: 'LINK_PLATFORM' } });
  const newGroup = async (world: World, name: string, parentId?: string) =>
    (await createGroup(world.deps, world.scope, { name, parentId })).id;
  const add = async (world: World, groupId: string, names: readonly string[], productKey = world.productKey) =>
    addToGroup(world.deps, world.scope, { groupId, members: names.map((name) => ({ productKey, name })) });

  it('is for the devices of the product in the group, but not for those of groups in it', async () => {
    const world = await createWorld(database);
    const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
    await world.devices(['lamp-b', 'lamp-a', 'lamp-out', 'lamp-in-sub']);
    await world.devices(['lamp-new'], { version: NEW });
    await world.devices(['lamp-quiet'], { activated: false, version: null });
    await world.devices(['pump-1'], { productKey: other.key });
    const hall = await newGroup(world, 'hall');
    const corner = await newGroup(world, 'corner', hall);
    await add(world, hall, ['lamp-a', 'lamp-b', 'lamp-new', 'lamp-quiet']);
    await add(world, hall, ['pump-1'], other.key);
    await add(world, corner, ['lamp-in-sub']);
    const job = await world.job(group(hall));
    expect(await world.names(job)).toEqual(['lamp-b', 'lamp-a', 'lamp-quiet']);
    expect(await queryJob(world.deps, world.scope, job)).toMatchObject({
      target: 'GROUP',
      group_id: hall,
      group_name: 'hall',
    });
    await expectConsistent(world);
  });

  it('is made in steps, and keeps its tasks whatever becomes of the group', async () => {
    const world = await createWorld(database);
    const devices = await world.devices(1_500);
    const hall = await newGroup(world, 'hall');
    await world.engine.transaction((tx) =>
      tx.bulkInsert(
        'device_group_member',
        devices.map(({ deviceId }) => ({ group_id: hall, device_id: deviceId, added_at: 1 })),
      ),
    );
    const job = await world.job(group(hall));
    expect((await world.jobRow(job)).task_total).toBe(1_000);
    const member = { productKey: world.productKey, name: devices[0]?.deviceName ?? '' };
    await removeFromGroup(world.deps, world.scope, { groupId: hall, members: [member] });
    await world.advance(job);
    expect(await world.names(job)).toHaveLength(1_500);
    await removeGroup(world.deps, world.scope, hall);
    expect(await queryJob(world.deps, world.scope, job)).toMatchObject({ group_id: hall, group_name: null });
    await expectConsistent(world);
  });

  it('is refused for a group that is none, or of another account', async () => {
    const world = await createWorld(database);
    const hall = await newGroup(world, 'hall');
    expect(await world.refusal(() => world.job(group('nothing')))).toBe('group.notFound');
    await world.engine.transaction(({ db }) =>
      db.updateTable('device_group').set({ instance_id: 'elsewhere' }).where('id', '=', hall).execute(),
    );
    expect(await world.refusal(() => world.job(group(hall)))).toBe('group.notFound');
  });
});

/** A device list as if its form had been sent. */
async function upload(
  world: World,
  text: string | Uint8Array,
): Promise<{ readonly url: string; readonly key: string }> {
  const { key, url } = await grantUpload(world.deps, world.scope, { kind: 'device-list', suffix: 'csv' });
  await recordUpload(world.deps, key, await world.deps.blobs.set(key, text));
  return { key, url };
}
const list = (listFileUrl: string) => ({ selection: { target: 'SPECIFIC', listFileUrl } });
const uploadRow = (world: World, key: string) =>
  world.engine.read.selectFrom('upload').selectAll().where('key', '=', key).executeTakeFirst();

eachEngine('a static job for a device list', (database) => {
  it('is for the devices named, in their order, each once; unknown names are counted', async () => {
    const world = await createWorld(database);
    await world.devices(['dev-a', 'dev-b', 'dev-c']);
    await world.devices(['dev-quiet'], { activated: false, version: null });
    await world.devices(['dev-done'], { version: NEW });
    const { url } = await upload(
      world,
      '\ufeffDeviceName\r\n"dev-c"\r\n\r\nnobody,dev-a\rdev-c\ndev-done\ndev-quiet\n',
    );
    const job = await world.job(list(url));
    expect(await world.names(job)).toEqual(['dev-c', 'dev-a', 'dev-quiet']);
    expect(await queryJob(world.deps, world.scope, job)).toMatchObject({
      target: 'SPECIFIC',
      unknown_names: 1,
      list_key: null,
      cursor: null,
    });
    await expectConsistent(world);
  });

  it('may be for a device that is named like the heading', async () => {
    const world = await createWorld(database);
    const { url } = await upload(world, 'DeviceName\n');
    expect(await world.refusal(() => world.job(list(url)))).toBe('firmware.noneListed');
    await world.devices(['DeviceName']);
    expect(await world.names(await world.job(list(url)))).toEqual(['DeviceName']);
  });

  it('of a differential package passes over devices at another version', async () => {
    const world = await createWorld(database);
    await world.devices(['dev-old']);
    await world.devices(['dev-mid'], { version: '1.5.0' });
    const firmwareId = await world.firmware({ type: 1, src_version: OLD });
    const { url } = await upload(world, 'dev-mid\ndev-old');
    expect(await world.names(await world.job({ firmwareId, ...list(url) }))).toEqual(['dev-old']);
  });

  it('grows in steps over restarts, and names that come again far apart count once', async () => {
    const before = await createWorld(database);
    const devices = await before.devices(2_600);
    const names = devices.map((device) => device.deviceName).reverse();
    const { key, url } = await upload(before, [...names, ...names.slice(0, 100), 'nobody'].join('\n'));
    const job = await before.job(list(url));
    expect((await before.jobRow(job)).task_total).toBe(1_000);
    expect((await uploadRow(before, key))?.state).toBe('used');
    await before.engine[Symbol.asyncDispose]();
    const one = await reopen(before, database);
    // while it is being read nobody sweeps it
    await one.clock.advance(2 * HOUR);
    await sweepUploads(one.deps);
    const two = await reopen(before, database);
    await Promise.all([one.advance(job), two.advance(job)]);
    expect(await one.names(job)).toEqual(names);
    expect((await one.jobRow(job)).unknown_names).toBe(1);
    await expectConsistent(one);
    // nobody needs it any more
    await sweepUploads(one.deps);
    expect(await uploadRow(one, key)).toBeUndefined();
    expect(await one.deps.blobs.head(key)).toBeUndefined();
  });

  it('takes a bounded number of statements for a step, however many devices it is about', async () => {
    const world = await createWorld(database);
    const names = (await world.devices(2_300)).map((device) => device.deviceName).sort();
    for (const [listed, statements] of [
      // the job; devices, their versions, their tasks; the tasks and their counters; who is connected; the job again; the
      // list, which nobody needs any more
      [names.slice(0, 1_150), 10],
      // and who has a task in it: in any order a name may have come before
      [names.slice(1_150).reverse(), 11],
    ] as const) {
      const { url } = await upload(world, listed.join('\n'));
      const job = await world.job(list(url));
      const { engine, costs } = spyOnTransactions(world.engine, database.kind);
      expect(await materialiseChunk({ ...world.deps, engine }, job)).toBe(false);
      expect(await world.names(job)).toEqual(listed);
      expect(costs()).toEqual([statements]);
    }
  });

  it('shares its list with another job', async () => {
    const world = await createWorld(database);
    const names = (await world.devices(1_200)).map((device) => device.deviceName);
    const { key, url } = await upload(world, names.join(','));
    const jobs = [await world.job(list(url)), await world.job({ ...list(url), overwriteMode: 2 })] as const;
    await world.advance(jobs[0]);
    expect((await uploadRow(world, key))?.state).toBe('used');
    await world.advance(jobs[1]);
    expect((await uploadRow(world, key))?.state).toBe('stored');
    expect(await world.names(jobs[1])).toEqual(names);
  });

  describe('is refused', () => {
    const refusal = (world: World, url: string) => world.refusal(() => world.job(list(url)));

    it.each([
      ['an invalid name', 'dev-1\r\n\r\ndev-2,gerät\r\n', '3'],
      ['a name that is too short', 'dev-1\ndev', '2'],
      ['bytes that are not UTF-8', Buffer.from('646576310a64657632ff', 'hex'), '2'],
      ['another encoding', Buffer.from('\ufeffdev-1\n', 'utf16le'), '1'],
    ])('for %s, with its line', async (_, text, line) => {
      const world = await createWorld(database);
      await world.devices(['dev-1', 'dev-2']);
      const { url } = await upload(world, text);
      await expect(world.job(list(url))).rejects.toMatchObject({
        key: 'device.malformedNameInFile',
        details: { Line: line },
      });
    });

    it('when it holds no names, or too many different ones', async () => {
      const world = await createWorld(database, { listedTargets: 3 });
      await world.devices(['dev-1', 'dev-2', 'dev-3', 'dev-4']);
      const refused = async (text: string) => refusal(world, (await upload(world, text)).url);
      expect(await refused('')).toBe('firmware.noneListed');
      expect(await refused('\ufeff\r\n , \r\n')).toBe('firmware.noneListed');
      expect(await refused('dev-1,dev-2,dev-3,dev-4')).toBe('firmware.tooManyListed');
      const { url } = await upload(world, 'dev-1,dev-2,dev-1,dev-3,dev-2');
      expect(await world.names(await world.job(list(url)))).toEqual(['dev-1', 'dev-2', 'dev-3']);
    });

    it('when it is no list of this instance that was uploaded within the hour', async () => {
      const world = await createWorld(database);
      await world.devices(['dev-1']);
      const { url } = await upload(world, 'dev-1');
      const grant = await grantUpload(world.deps, world.scope, { kind: 'device-list', suffix: 'csv' });
      const firmware = await grantUpload(world.deps, world.scope, { kind: 'firmware', suffix: 'bin' });
      await recordUpload(world.deps, firmware.key, { size: 1, md5: 'm', sha256: 's' });
      const foreign = await grantUpload(
        world.deps,
        { ...world.scope, instanceId: 'elsewhere' },
        { kind: 'device-list', suffix: 'csv' },
      );
      await recordUpload(world.deps, foreign.key, { size: 1, md5: 'm', sha256: 's' });
      const others = [grant.url, firmware.url, foreign.url, `${url}x`, 'dev-1.csv', url.replace('127.0.0.1', 'else')];
      for (const other of others) expect(await refusal(world, other), other).toBe('firmware.unknownList');
      await world.clock.advance(HOUR - MINUTE);
      expect(await world.names(await world.job(list(`${url}?x=1`)))).toEqual(['dev-1']);
      await world.clock.advance(MINUTE);
      expect(await refusal(world, url)).toBe('firmware.unknownList');
    });

    it('and the list stays free when the package is the reason', async () => {
      const world = await createWorld(database);
      await world.devices(['dev-1']);
      const firmwareId = await world.firmware();
      await removeFirmware(world.deps, world.scope, firmwareId);
      const { key, url } = await upload(world, 'dev-1');
      expect(await world.refusal(() => world.job({ firmwareId, ...list(url) }))).toBe('ota.firmwareNotFound');
      expect((await uploadRow(world, key))?.state).toBe('stored');
    });
  });
});

eachEngine('a static job of a differential package', (database) => {
  it('is refused when a device that is named runs another version', async () => {
    const world = await createWorld(database);
    const [old] = await world.devices(['dev-old']);
    const [mid] = await world.devices(['dev-mid'], { version: '1.5.0' });
    const [quiet] = await world.devices(['dev-quiet'], { version: null });
    const firmwareId = await world.firmware({ type: 1, src_version: OLD });
    for (const other of [mid, quiet]) {
      const devices = [old, other].flatMap((device) => device ?? []);
      expect(await world.refusal(() => world.job({ firmwareId, devices }))).toBe('common.invalidParameter');
    }
    expect(await world.names(await world.job({ firmwareId, devices: ['dev-old'] }))).toEqual(['dev-old']);
  });
});
