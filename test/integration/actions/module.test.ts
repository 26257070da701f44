import { beforeEach, expect, test } from 'vitest';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

eachEngine('modules', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  const create = (ModuleName: string, more: { AliasName?: string; Desc?: string; ProductKey?: string } = {}) =>
    world.call('CreateOTAModule', { ProductKey: key, ModuleName, ...more });
  const list = async (ProductKey = key) => (await world.call('ListOTAModuleByProduct', { ProductKey })).Data;
  const names = async () => (await list()).map((module) => module.ModuleName);
  const packageOf = async (ModuleName: string) =>
    (
      await world.call('CreateOTAFirmware', {
        FirmwareName: `for_${ModuleName.replaceAll('.', '_')}`,
        DestVersion: '1.0.0',
        ProductKey: key,
        ModuleName,
        FirmwareUrl: (await world.newUpload()).url,
      })
    ).Data.FirmwareId;

  test('a product begins without custom modules', async () => {
    expect(await list()).toEqual([]);
  });

  test('ListOTAModuleByProduct tells of each module what the reference lists, oldest first', async () => {
    expect(await create('scanner', { AliasName: '扫码头.v1-a_b', Desc: 'barcode unit' })).toEqual({});
    await world.clock.advance(90_000);
    await create('MCU');
    await world.clock.advance(60_000);
    await world.call('UpdateOTAModule', { ProductKey: key, ModuleName: 'scanner', Desc: 'laser' });
    expect(await list()).toEqual([
      {
        ProductKey: key,
        ModuleName: 'scanner',
        AliasName: '扫码头.v1-a_b',
        Desc: 'laser',
        GmtCreate: '2030-01-01T00:00Z',
        GmtModified: '2030-01-01T00:02Z',
      },
      {
        ProductKey: key,
        ModuleName: 'MCU',
        AliasName: '',
        Desc: '',
        GmtCreate: '2030-01-01T00:01Z',
        GmtModified: '2030-01-01T00:01Z',
      },
    ]);
  });

  test.each([
    ['product.nullKey', { ProductKey: '' }],
    ['product.malformedKey', { ProductKey: 'short' }],
    ['product.notFound', { ProductKey: 'a1Unknown01' }],
    ['ota.nullModuleName', { ModuleName: '' }],
    ['ota.malformedModuleName', { ModuleName: 'two words' }],
    ['ota.malformedModuleName', { ModuleName: '模块' }],
    ['ota.malformedModuleName', { ModuleName: 'a'.repeat(65) }],
    // C 4.x would take it for the list of files
    ['ota.malformedModuleName', { ModuleName: 'files' }],
    ['module.nameTaken', { ModuleName: 'default' }],
    ['module.nameTaken', { ModuleName: 'DEFAULT' }],
    ['module.malformedAlias', { AliasName: 'two words' }],
    ['module.malformedAlias', { AliasName: 'a'.repeat(65) }],
    ['module.longDescription', { Desc: '灯'.repeat(101) }],
    ['common.invalidParameter', { Desc: 'half \ud800' }],
  ])('CreateOTAModule is refused with %s for %j', async (refusal, wrong) => {
    expect(await world.refused('CreateOTAModule', { ProductKey: key, ModuleName: 'MCU', ...wrong })).toBe(refusal);
    expect(await list()).toEqual([]);
  });

  test('a name is unique in its product, whatever the letter case', async () => {
    await create('scanner');
    for (const ModuleName of ['scanner', 'Scanner', 'SCANNER']) {
      expect(await world.refused('CreateOTAModule', { ProductKey: key, ModuleName })).toBe('module.nameTaken');
    }
    await create('scanner', { ProductKey: await world.newProduct('door') });
  });

  test('a product has at most 10 custom modules, also for callers at the same time', async () => {
    const results = await world.atOnce(Array.from({ length: 13 }, (_, index) => () => create(`m${index}`)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(10);
    expect(await world.refused('CreateOTAModule', { ProductKey: key, ModuleName: 'MCU' })).toBe('module.countExceeded');
    const [first] = await names();
    await world.call('DeleteOTAModule', { ProductKey: key, ModuleName: first as string });
    await create('MCU');
    expect(await list()).toHaveLength(10);
  });

  test('UpdateOTAModule changes what is given, and empties what is given empty', async () => {
    await create('MCU', { AliasName: 'old', Desc: 'old' });
    const update = (changes: { AliasName?: string; Desc?: string }) =>
      world.call('UpdateOTAModule', { ProductKey: key, ModuleName: 'MCU', ...changes });
    const texts = async () => (await list()).map((module) => [module.AliasName, module.Desc]);
    expect(await update({})).toEqual({});
    expect(await texts()).toEqual([['old', 'old']]);
    await update({ AliasName: 'new' });
    expect(await texts()).toEqual([['new', 'old']]);
    await update({ AliasName: '', Desc: '' });
    expect(await texts()).toEqual([['', '']]);
  });

  test.each([
    ['module.notFound', { ModuleName: 'BLE' }],
    // another letter case is another name, as it is for devices that report
    ['module.notFound', { ModuleName: 'mcu' }],
    ['module.builtIn', { ModuleName: 'default' }],
    ['module.malformedAlias', { AliasName: 'a b' }],
    ['module.longDescription', { Desc: 'x'.repeat(101) }],
  ])('UpdateOTAModule is refused with %s for %j', async (refusal, wrong) => {
    await create('MCU');
    expect(await world.refused('UpdateOTAModule', { ProductKey: key, ModuleName: 'MCU', ...wrong })).toBe(refusal);
  });

  test('DeleteOTAModule takes a module away once it has no packages', async () => {
    await create('MCU');
    await create('BLE');
    const firmwareId = await packageOf('MCU');
    expect(await world.refused('DeleteOTAModule', { ProductKey: key, ModuleName: 'MCU' })).toBe('module.inUse');
    await world.call('DeleteOTAFirmware', { FirmwareId: firmwareId });
    expect(await world.call('DeleteOTAModule', { ProductKey: key, ModuleName: 'MCU' })).toEqual({});
    expect(await names()).toEqual(['BLE']);
    expect(await world.refused('DeleteOTAModule', { ProductKey: key, ModuleName: 'MCU' })).toBe('module.notFound');
    expect(await world.refused('DeleteOTAModule', { ProductKey: key, ModuleName: 'default' })).toBe('module.builtIn');
  });

  test('a module is not deleted under a package that is being made', async () => {
    for (let round = 0; round < 5; round += 1) {
      const name = `m${round}`;
      await create(name);
      const [made, gone] = await world.atOnce<unknown>([
        () => packageOf(name),
        () => world.call('DeleteOTAModule', { ProductKey: key, ModuleName: name }),
      ]);
      expect([made?.status, gone?.status].sort()).toEqual(['fulfilled', 'rejected']);
      expect((await names()).includes(name)).toBe(made?.status === 'fulfilled');
    }
  });

  test("another account's module is unknown", async () => {
    await create('MCU');
    const stranger = await newScope(world.deps);
    for (const action of ['CreateOTAModule', 'UpdateOTAModule', 'DeleteOTAModule'] as const) {
      expect(await world.refused(action, { ProductKey: key, ModuleName: 'MCU' }, stranger)).toBe('product.notFound');
    }
    expect(await world.refused('ListOTAModuleByProduct', { ProductKey: key }, stranger)).toBe('product.notFound');
    expect(await names()).toEqual(['MCU']);
  });

  test('ListOTAModuleVersionsByDevice pages through what a device reported, by name', async () => {
    const device = await world.newDevice(key, 'lamp-1');
    const ref = { deviceId: device.iotId, productKey: key, deviceName: 'lamp-1' };
    const services = createDeviceServices(world.deps, 'node-1');
    const inform = (module: string, version: string) =>
      services.report(ref, { kind: 'inform', id: '1', module, version });
    await inform('default', '1.0.0');
    // whether or not the product has such a module
    await inform('scanner', '7');
    await inform('MCU', '2.0');
    await inform('MCU', '2.1');
    const byName = { ProductKey: key, DeviceName: 'lamp-1' };
    const page = (CurrentPage: number, selector: object = byName) =>
      world.call('ListOTAModuleVersionsByDevice', { ...selector, CurrentPage, PageSize: 2 });
    const entry = (ModuleName: string, ModuleVersion: string) => ({
      ...byName,
      IotId: device.iotId,
      ModuleName,
      ModuleVersion,
    });
    expect(await page(1)).toEqual({
      CurrentPage: 1,
      PageSize: 2,
      PageCount: 2,
      Total: 3,
      Data: { SimpleOTAModuleInfo: [entry('MCU', '2.1'), entry('default', '1.0.0')] },
    });
    // the id wins over names
    const wrong = { IotId: device.iotId, ProductKey: 'a1Unknown01', DeviceName: 'nobody' };
    expect((await page(2, wrong)).Data.SimpleOTAModuleInfo).toEqual([entry('scanner', '7')]);
    expect((await page(3)).Data.SimpleOTAModuleInfo).toEqual([]);
    const other = await world.newDevice(key, 'lamp-2');
    expect(await page(1, { IotId: other.iotId })).toMatchObject({ Total: 0, PageCount: 0 });
  });

  test.each([
    ['common.invalidPage', { PageSize: 201 }],
    ['common.invalidPage', { CurrentPage: 0 }],
    ['device.notFound', { DeviceName: 'nobody' }],
    ['device.nullName', { DeviceName: '' }],
    ['device.invalidIotId', { IotId: 'nothing' }],
    ['product.nullKey', { ProductKey: '' }],
  ])('ListOTAModuleVersionsByDevice is refused with %s for %j', async (refusal, wrong) => {
    await world.newDevice(key, 'lamp-1');
    const request = { ProductKey: key, DeviceName: 'lamp-1', CurrentPage: 1, PageSize: 200, ...wrong };
    expect(await world.refused('ListOTAModuleVersionsByDevice', request)).toBe(refusal);
  });
});
