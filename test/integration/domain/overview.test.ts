import { expect, it } from 'vitest';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { createVerifyJob } from '../../../src/domain/jobs.ts';
import { overviewOf } from '../../../src/domain/overview.ts';
import { versionDistribution } from '../../../src/domain/version-distribution.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, type World } from './world.ts';

const strangerOf = async ({ deps, engine }: World) => {
  const { accountId } = await createAccount(deps, 'stranger');
  return resolveScope(engine.read, accountId, undefined);
};

eachEngine('the overview', (database) => {
  it('says what there is, and step by step what is missing', async () => {
    const world = await createWorld(database);
    const look = async () => overviewOf(world.deps, world.scope);
    const missing = async () => (await look()).missing;
    expect(await missing()).toEqual(['DEVICE', 'CONNECTION', 'PACKAGE', 'VERIFICATION', 'JOB']);
    await world.devices(1, { activated: false });
    expect(await missing()).toEqual(['CONNECTION', 'PACKAGE', 'VERIFICATION', 'JOB']);
    const [lamp] = await world.devices(2);
    if (lamp) await world.connect(lamp);
    const firmwareId = await world.firmware({ status: 0 });
    expect(await missing()).toEqual(['VERIFICATION', 'JOB']);
    const names = [lamp?.deviceName ?? ''];
    await createVerifyJob(world.deps, world.scope, {
      firmwareId,
      productKey: world.productKey,
      deviceNames: names,
      settings: {},
    });
    // a verification is no rollout
    expect(await missing()).toEqual(['VERIFICATION', 'JOB']);
    await world.job();
    const devices = { total: 3, inactive: 1, online: 1, offline: 1, disabled: 0, activated: 2 };
    expect(await look()).toEqual({
      devices,
      products: [{ key: world.productKey, name: 'lamp', ...devices }],
      productCount: 1,
      packageCount: 2,
      jobs: new Map([['IN_PROGRESS', 2]]),
      missing: [],
    });
  });

  it('shows another account nothing of it, also while it is kept', async () => {
    const world = await createWorld(database);
    await world.devices(2);
    await overviewOf(world.deps, world.scope);
    const { devices, products } = await overviewOf(world.deps, await strangerOf(world));
    expect([devices.total, products]).toEqual([0, []]);
  });
});

eachEngine('the versions that devices run', (database) => {
  const distribution = (world: World, wanted: { module?: string; most?: number } = {}) =>
    versionDistribution(world.deps, world.scope, {
      productKey: world.productKey,
      module: wanted.module,
      most: wanted.most ?? 20,
    });

  it('are counted for each module, the most frequent first', async () => {
    const world = await createWorld(database);
    await world.devices(3, { version: '1.0.0' });
    await world.devices(1, { version: '1.1.0' });
    await world.devices(2, { version: null });
    const [both] = await world.devices(1, { version: '3', module: 'mcu' });
    if (both) await world.inform(both, '1.1.0');
    expect(await distribution(world)).toMatchObject({
      deviceCount: 7,
      modules: [
        {
          module: 'default',
          deviceCount: 5,
          versionCount: 2,
          versions: [
            ['1.0.0', 3],
            ['1.1.0', 2],
          ],
          otherDeviceCount: 0,
        },
        { module: 'mcu', deviceCount: 1, versions: [['3', 1]] },
      ],
    });
    expect((await distribution(world, { module: 'mcu' })).modules.map((one) => one.module)).toEqual(['mcu']);
    const [first] = (await distribution(world, { most: 1 })).modules;
    expect(first).toMatchObject({ deviceCount: 5, versionCount: 2, versions: [['1.0.0', 3]], otherDeviceCount: 2 });
  });

  it('are all found where a product has more devices than are looked at at once', async () => {
    const world = await createWorld(database);
    await world.devices(5_000, { version: '1.0.0' });
    await world.devices(1, { version: '1.1.0' });
    expect(await distribution(world)).toMatchObject({
      deviceCount: 5_001,
      modules: [{ deviceCount: 5_001, versionCount: 2 }],
    });
  });

  it('are told apart up to a number of them, and counted all the same', async () => {
    const world = await createWorld(database);
    const now = world.clock.now();
    const devices = await world.devices(10_050, { version: null });
    await world.engine.transaction((tx) =>
      tx.bulkInsert(
        'module_version',
        devices.map(({ deviceId }, number) => ({
          device_id: deviceId,
          module: 'default',
          version: String(number),
          reported_at: now,
        })),
      ),
    );
    const [module] = (await distribution(world, { most: 100 })).modules;
    expect(module).toMatchObject({ deviceCount: 10_050, versionCount: 10_000, otherDeviceCount: 9_950 });
  });

  it("of another account's product are not told", async () => {
    const world = await createWorld(database);
    const stranger = await strangerOf(world);
    const asked = () =>
      versionDistribution(world.deps, stranger, { productKey: world.productKey, module: undefined, most: 1 });
    expect(await world.refusal(asked)).toBe('product.notFound');
  });
});
