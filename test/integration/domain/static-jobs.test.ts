import { describe, expect, it } from 'vitest';
import { packageStatus } from '../../../src/domain/firmware.ts';
import { listJobsOfFirmware, queryJob } from '../../../src/domain/jobs.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { advanceJob, jobsToAdvance } from '../../../src/domain/rollout/advance.ts';
import { listTasks } from '../../../src/domain/tasks.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, expectConsistent, HOUR, NEW, reopen } from './world.ts';

eachEngine('a static job', (database) => {
  describe('for ALL', () => {
    it('makes a task for every activated device of the product, in the order of their names', async () => {
      const world = await createWorld(database);
      await world.devices(['dev-b', 'dev-a', 'dev-C']);
      await world.devices(['dev-new'], { activated: false, version: null });
      await world.devices(['dev-quiet'], { version: null });
      const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
      await world.devices(['dev-pump'], { productKey: other.key });
      const job = await world.job();
      await world.advance(job);
      expect(await world.names(job)).toEqual(['dev-C', 'dev-a', 'dev-b', 'dev-quiet']);
      expect((await world.tasks(job)).map((task) => task.src_version)).toEqual(['1.0.0', '1.0.0', '1.0.0', '']);
      expect((await world.tasks(job)).every((task) => task.status === 'QUEUED' && task.progress === 0)).toBe(true);
      await expectConsistent(world);
    });

    it('passes over devices that are at the target version', async () => {
      const world = await createWorld(database);
      await world.devices(['dev-done'], { version: NEW });
      await world.devices(['dev-todo']);
      await world.devices(['dev-newer'], { version: '3.0.0' });
      const job = await world.job();
      expect(await world.names(job)).toEqual(['dev-newer', 'dev-todo']);
    });

    it('compares the version of the module that the package is for', async () => {
      const world = await createWorld(database);
      const [device] = await world.devices(['dev-mcu1'], { version: NEW });
      await world.devices(['dev-mcu2'], { version: NEW, module: 'MCU' });
      if (device) await world.inform(device, '0.9', 'MCU');
      const job = await world.job({ firmwareId: await world.firmware({ module: 'MCU' }) });
      expect((await world.tasks(job)).map((task) => [task.device_name, task.src_version])).toEqual([
        ['dev-mcu1', '0.9'],
      ]);
    });

    it('reaches only devices at the versions that were named', async () => {
      const world = await createWorld(database);
      for (const version of ['1.0.0', '1.1.0', '1.2.0', null]) await world.devices([`dev-${version}`], { version });
      expect(await world.names(await world.job({ srcVersions: ['1.0.0', '1.2.0', NEW] }))).toEqual([
        'dev-1.0.0',
        'dev-1.2.0',
      ]);
    });

    it('of a differential package reaches only devices at its source version, and takes no other version', async () => {
      const world = await createWorld(database);
      for (const version of ['1.0.0', '1.1.0', NEW, null]) await world.devices([`dev-${version}`], { version });
      const firmwareId = await world.firmware({ type: 1, src_version: '1.1.0' });
      expect(await world.names(await world.job({ firmwareId }))).toEqual(['dev-1.1.0']);
      expect(await world.refusal(() => world.job({ firmwareId, srcVersions: ['1.0.0'] }))).toBe(
        'common.invalidParameter',
      );
    });

    it('is COMPLETED soon when no device needs the package', async () => {
      const world = await createWorld(database);
      await world.devices(3, { version: NEW });
      const job = await world.job();
      await world.pass(0);
      expect(await world.jobRow(job)).toMatchObject({ status: 'COMPLETED', task_total: 0, due_at: null });
    });
  });

  describe('for SPECIFIC devices', () => {
    it('makes tasks in the order given, for devices that were never activated too', async () => {
      const world = await createWorld(database);
      const named = await world.devices(['dev-b', 'dev-a']);
      const [fresh] = await world.devices(['dev-new'], { activated: false, version: null });
      await world.devices(['dev-other']);
      const job = await world.job({ devices: [...named, fresh ?? ''] });
      expect(await world.names(job)).toEqual(['dev-b', 'dev-a', 'dev-new']);
      await expectConsistent(world);
    });

    it('passes over those that need nothing', async () => {
      const world = await createWorld(database);
      await world.devices(['dev-done'], { version: NEW });
      await world.devices(['dev-todo']);
      expect(await world.names(await world.job({ devices: ['dev-done', 'dev-todo'] }))).toEqual(['dev-todo']);
    });

    it('is refused for a name that is no device of the product, and leaves nothing behind', async () => {
      const world = await createWorld(database);
      await world.devices(['dev-here']);
      const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
      await world.devices(['dev-pump'], { productKey: other.key });
      const firmwareId = await world.firmware();
      for (const name of ['dev-none', 'dev-pump']) {
        expect(await world.refusal(() => world.job({ firmwareId, devices: ['dev-here', name] }))).toBe(
          'device.notFound',
        );
      }
      expect(await world.engine.read.selectFrom('job').select('id').execute()).toEqual([]);
      expect(await world.engine.read.selectFrom('job_target').select('job_id').execute()).toEqual([]);
    });

    it('is refused for a name given twice, for no name and for more than 200', async () => {
      const world = await createWorld(database);
      const devices = await world.devices(201);
      const [first] = devices;
      expect(await world.refusal(() => world.job({ devices: [first ?? '', first ?? ''] }))).toBe(
        'common.invalidParameter',
      );
      expect(await world.refusal(() => world.job({ devices: [] }))).toBe('device.noNames');
      expect(await world.refusal(() => world.job({ devices }))).toBe('device.tooManyNames');
      expect(await world.tasks(await world.job({ devices: devices.slice(0, 200) }))).toHaveLength(200);
    });

    it('may name thousands where the limits are open, in chunks', async () => {
      const world = await createWorld(database, { staticTargets: 10_000 });
      const devices = (await world.devices(2_100)).reverse();
      const job = await world.job({ devices });
      expect((await world.jobRow(job)).task_total).toBe(1_000);
      await world.advance(job);
      expect(await world.names(job)).toEqual(devices.map((device) => device.deviceName));
      await expectConsistent(world);
    });
  });

  describe('is refused', () => {
    it('for a package that is not verified', async () => {
      const world = await createWorld(database);
      await world.devices(1);
      for (const status of [packageStatus.unverified, packageStatus.verifying, packageStatus.failed]) {
        const firmwareId = await world.firmware({ status });
        expect(await world.refusal(() => world.job({ firmwareId }))).toBe('ota.firmwareNotVerified');
      }
      await world.job({ firmwareId: await world.firmware({ status: packageStatus.verified }) });
    });

    it('for a package or product that does not exist, or of which one is not of the other', async () => {
      const world = await createWorld(database);
      const firmwareId = await world.firmware();
      const other = await createProduct(world.deps, world.scope, { name: 'pump', nodeType: 0 });
      const unbound = await world.firmware({ product_key: null });
      expect(await world.refusal(() => world.job({ firmwareId: 'nobody' }))).toBe('ota.firmwareNotFound');
      expect(await world.refusal(() => world.job({ firmwareId, productKey: 'a1nobody000' }))).toBe('product.notFound');
      expect(await world.refusal(() => world.job({ firmwareId, productKey: other.key }))).toBe(
        'ota.firmwareProductMismatch',
      );
      expect(await world.refusal(() => world.job({ firmwareId: unbound }))).toBe('ota.firmwareProductMismatch');
    });

    it('to another account, which sees neither the job nor its package', async () => {
      const world = await createWorld(database);
      const firmwareId = await world.firmware();
      const job = await world.job({ firmwareId });
      const stranger = { ...world.scope, instanceId: 'elsewhere' };
      const page = { number: 1, size: 10, offset: 0 };
      expect(await world.refusal(() => queryJob(world.deps, stranger, job))).toBe('ota.jobNotFound');
      expect(await world.refusal(() => listTasks(world.deps, stranger, job, page, undefined))).toBe('ota.jobNotFound');
      expect(await world.refusal(() => listJobsOfFirmware(world.deps, stranger, firmwareId, page))).toBe(
        'ota.firmwareNotFound',
      );
    });
  });

  describe('for many devices', () => {
    it('grows by 1,000 devices at a time and can be listed while it grows', async () => {
      const world = await createWorld(database);
      await world.devices(2_500);
      const job = await world.job();
      const totals = [];
      for (let more = true; more; more = await advanceJob(world.deps, job)) {
        const { task_total: total, status } = await queryJob(world.deps, world.scope, job);
        const page = await listTasks(world.deps, world.scope, job, { number: 10, size: 100, offset: 900 }, undefined);
        expect([page.total, page.rows.length, status]).toEqual([total, 100, 'IN_PROGRESS']);
        await expectConsistent(world);
        totals.push(total);
      }
      expect([...new Set(totals)]).toEqual([1_000, 2_000, 2_500]);
    });

    it('goes on where it stood when the server died between two chunks', async () => {
      const before = await createWorld(database);
      await before.devices(2_500);
      const job = await before.job();
      await before.engine[Symbol.asyncDispose]();

      const after = await reopen(before, database);
      expect(await jobsToAdvance(after.deps, 10)).toEqual([job]);
      expect((await after.jobRow(job)).task_total).toBe(1_000);
      await after.advance(job);
      const tasks = await after.tasks(job);
      expect(tasks.map((task) => task.seq)).toEqual(Array.from({ length: 2_500 }, (_, seq) => seq));
      expect(new Set(tasks.map((task) => task.device_id)).size).toBe(2_500);
      expect(await after.jobRow(job)).toMatchObject({ task_total: 2_500, cursor: null });
      await expectConsistent(after);
    });

    it('makes every task once when two processes make them at the same time', async () => {
      const one = await createWorld(database);
      await one.devices(2_500);
      const job = await one.job();
      const two = await reopen(one, database);
      await Promise.all([one.advance(job), two.advance(job)]);
      expect(await one.tasks(job)).toHaveLength(2_500);
      await expectConsistent(one);
    });

    it('gives no task to a device that is activated later', async () => {
      const world = await createWorld(database);
      await world.devices(2);
      const [late] = await world.devices(['zzz-late'], { activated: false, version: null });
      const job = await world.job();
      await world.advance(job);
      if (late) await world.connect(late);
      await world.advance(job);
      expect(await world.tasks(job)).toHaveLength(2);
    });
  });

  it('is shown with what it was made of', async () => {
    const world = await createWorld(database);
    await world.devices(1);
    const firmwareId = await world.firmware({ name: 'fw-a' });
    const scheduleAt = world.clock.now() + HOUR;
    const job = await world.job({
      firmwareId,
      srcVersions: ['1.0.0'],
      retryInterval: 10,
      retryCount: 2,
      timeoutMinutes: 60,
      maximumPerMinute: 500,
      overwriteMode: 2,
      needPush: false,
      tags: [{ key: 'k', value: '灯' }],
      scheduleAt,
      scheduleFinishAt: scheduleAt + HOUR,
    });
    expect(await queryJob(world.deps, world.scope, job)).toMatchObject({
      product_name: 'lamp',
      group_name: null,
      firmware_name: 'fw-a',
      status: 'PLANNED',
      type: 'UPGRADE_FIRMWARE',
      selection: 'STATIC',
      target: 'ALL',
      src_versions: '["1.0.0"]',
      dest_version: NEW,
      retry_interval: 10,
      retry_count: 2,
      timeout_minutes: 60,
      maximum_per_minute: 500,
      overwrite_mode: 2,
      multi_module: 0,
      need_push: 0,
      need_confirm: 0,
      tags: '[{"key":"k","value":"灯"}]',
      schedule_at: scheduleAt,
      schedule_finish_at: scheduleAt + HOUR,
      started_at: null,
      ended_at: null,
      task_total: 1,
    });
  });

  it('is listed under its package, newest first, page by page', async () => {
    const world = await createWorld(database);
    const firmwareId = await world.firmware();
    const jobs: string[] = [];
    for (let i = 0; i < 5; i += 1) jobs.unshift(await world.job({ firmwareId }));
    await world.job();
    const page = async (number: number) =>
      listJobsOfFirmware(world.deps, world.scope, firmwareId, { number, size: 2, offset: (number - 1) * 2 });
    const pages = [await page(1), await page(2), await page(3), await page(4)];
    expect(pages.map(({ rows }) => rows.map((row) => row.id))).toEqual([
      jobs.slice(0, 2),
      jobs.slice(2, 4),
      jobs.slice(4),
      [],
    ]);
    expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5]);
  });
});
