import { beforeEach, expect, test } from 'vitest';
import { eachEngine } from '../../support/engines.ts';
import { jobRow } from '../../support/job-row.ts';
import { TEST_START } from '../../support/test-clock.ts';
import { createWorld, newScope, type World } from './world.ts';

eachEngine('products', (database) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(database);
  });

  test('CreateProduct answers with the key at the top and in the data, and a secret that is sealed at rest', async () => {
    const answer = await world.call('CreateProduct', {
      ProductName: '路灯_1',
      NodeType: 1,
      Description: 'on the road',
    });
    expect(answer.ProductKey).toMatch(/^a1[0-9A-Za-z]{9}$/);
    expect(answer.Data).toEqual({
      ProductKey: answer.ProductKey,
      ProductName: '路灯_1',
      ProductSecret: expect.stringMatching(/^[0-9A-Za-z]{16}$/),
      NodeType: 1,
      DataFormat: 0,
      AuthType: 'secret',
      AliyunCommodityCode: 'iothub',
      Description: 'on the road',
      Id2: false,
      ProtocolType: '',
    });
    const row = await world.deps.engine.read.selectFrom('product').select('secret').executeTakeFirstOrThrow();
    expect(row.secret).not.toContain(answer.Data.ProductSecret);
  });

  test('CreateProduct keeps every classification that it was given', async () => {
    const { ProductKey, Data } = await world.call('CreateProduct', {
      ProductName: 'gateway',
      NodeType: 0,
      AliyunCommodityCode: 'iothub_senior',
      DataFormat: 1,
      NetType: 'CELLULAR',
      ProtocolType: 'zigbee',
      CategoryKey: 'Lighting',
      ValidateType: 2,
    });
    expect(Data).toMatchObject({ AliyunCommodityCode: 'iothub_senior', DataFormat: 1, ProtocolType: 'zigbee' });
    expect((await world.call('QueryProduct', { ProductKey })).Data).toMatchObject({
      NetType: 6,
      CategoryKey: 'Lighting',
      ValidateType: 2,
    });
  });

  test('an empty optional text counts as left out', async () => {
    const { Data } = await world.call('CreateProduct', {
      ProductName: 'lamp',
      NodeType: 0,
      Description: '',
      AliyunCommodityCode: '',
      NetType: '',
      ProtocolType: '',
      AuthType: '',
      CategoryKey: '',
    });
    expect(Data).toMatchObject({ AliyunCommodityCode: 'iothub', AuthType: 'secret' });
  });

  test.each([
    ['product.nullName', { ProductName: '' }],
    ['product.malformedName', { ProductName: 'abc' }],
    ['product.malformedName', { ProductName: 'a'.repeat(31) }],
    ['product.invalidNodeType', { NodeType: 2 }],
    ['product.invalidNodeType', { NodeType: -2_147_483_648 }],
    ['product.longDescription', { Description: 'd'.repeat(101) }],
    ['common.invalidParameter', { Description: 'nul\0' }],
    ['product.invalidCommodityCode', { AliyunCommodityCode: 'iothub' }],
    ['common.invalidParameter', { AliyunCommodityCode: 'iothub_senior' }],
    ['common.invalidParameter', { DataFormat: 2 }],
    ['common.invalidParameter', { NetType: 'wifi' }],
    ['common.invalidParameter', { ProtocolType: 'http' }],
    ['product.invalidAuthType', { AuthType: 'none' }],
    ['product.id2NotOpen', { AuthType: 'id2' }],
    ['system.notSupportedYet', { AuthType: 'x509' }],
    ['product.invalidCategory', { CategoryKey: 'a b' }],
    ['common.invalidParameter', { ValidateType: 3 }],
  ])('CreateProduct is refused with %s for %j', async (key, wrong) => {
    expect(await world.refused('CreateProduct', { ProductName: 'lamp', NodeType: 0, ...wrong })).toBe(key);
    expect(await world.deps.engine.read.selectFrom('product').selectAll().execute()).toEqual([]);
  });

  test('a product name is unique in its instance only', async () => {
    await world.newProduct('lamp');
    expect(await world.refused('CreateProduct', { ProductName: 'lamp', NodeType: 0 })).toBe('product.nameTaken');
    await world.call('CreateProduct', { ProductName: 'lamp', NodeType: 0 }, await newScope(world.deps));
    await world.newProduct('Lamp');
  });

  test('callers at the same time cannot make more products than the limit', async () => {
    world.limit({ products: 3 });
    await world.newProduct();
    const results = await world.atOnce(Array.from({ length: 8 }, () => () => world.newProduct()));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(2);
    expect(await world.refused('CreateProduct', { ProductName: 'lamp', NodeType: 0 })).toBe('product.countExceeded');
  });

  test('QueryProduct tells all, with a number for the network and milliseconds', async () => {
    const { ProductKey, Data } = await world.call('CreateProduct', { ProductName: 'lamp', NodeType: 0 });
    await world.newDevice(ProductKey);
    expect((await world.call('QueryProduct', { ProductKey })).Data).toEqual({
      ProductKey,
      ProductName: 'lamp',
      ProductSecret: Data.ProductSecret,
      ProductStatus: 'DEVELOPMENT_STATUS',
      Owner: true,
      DeviceCount: 1,
      GmtCreate: TEST_START,
      NodeType: 0,
      DataFormat: 0,
      NetType: 3,
      AuthType: 'secret',
      AliyunCommodityCode: 'iothub',
      CategoryKey: '',
      CategoryName: '',
      ProtocolType: '',
      ValidateType: 1,
      Id2: false,
      Description: '',
    });
  });

  test.each([
    ['product.nullKey', ''],
    ['product.malformedKey', 'a1'],
    ['product.malformedKey', 'a1TestKey0\0'],
    ['product.malformedKey', '灯'.repeat(11)],
    ['product.notFound', 'a1TestKey01'],
  ])('QueryProduct is refused with %s for %j', async (key, ProductKey) => {
    expect(await world.refused('QueryProduct', { ProductKey })).toBe(key);
  });

  test('QueryProductList walks all products, newest first', async () => {
    const keys: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      keys.unshift(await world.newProduct());
      // two of them share a millisecond
      if (index !== 2) await world.clock.advance(1);
    }
    const seen: string[] = [];
    for (let page = 1; page <= 4; page += 1) {
      const { Data } = await world.call('QueryProductList', { CurrentPage: page, PageSize: 2 });
      expect(Data).toMatchObject({ CurrentPage: page, PageSize: 2, PageCount: 3, Total: 5 });
      seen.push(...Data.List.ProductInfo.map((product) => product.ProductKey));
    }
    expect(seen).toEqual(keys);
  });

  test('QueryProductList tells of each product what the reference lists', async () => {
    const key = await world.newProduct('lamp');
    const { Data } = await world.call('QueryProductList', { CurrentPage: 1, PageSize: 200 });
    expect(Data.List.ProductInfo).toEqual([
      {
        ProductKey: key,
        ProductName: 'lamp',
        NodeType: 0,
        DataFormat: 0,
        AuthType: 'secret',
        DeviceCount: 0,
        GmtCreate: TEST_START,
        Description: '',
      },
    ]);
  });

  test('QueryProductList can be limited to products with or without a thing model', async () => {
    const basic = await world.newProduct();
    const senior = await world.call('CreateProduct', {
      ProductName: 'senior',
      NodeType: 0,
      AliyunCommodityCode: 'iothub_senior',
      DataFormat: 1,
    });
    const list = async (AliyunCommodityCode: string) => {
      const { Data } = await world.call('QueryProductList', { CurrentPage: 1, PageSize: 10, AliyunCommodityCode });
      return [Data.Total, ...Data.List.ProductInfo.map((product) => product.ProductKey)];
    };
    expect(await list('iothub')).toEqual([1, basic]);
    expect(await list('iothub_senior')).toEqual([1, senior.ProductKey]);
    expect((await list(''))[0]).toBe(2);
  });

  test('an empty list keeps its wrapper', async () => {
    const { Data } = await world.call('QueryProductList', { CurrentPage: 1, PageSize: 10 });
    expect(Data).toEqual({ CurrentPage: 1, PageSize: 10, PageCount: 0, Total: 0, List: { ProductInfo: [] } });
  });

  test.each([
    [0, 10],
    [-1, 10],
    [1, 0],
    [1, 201],
    [1, -2_147_483_648],
  ])('QueryProductList refuses page %d of %d rows', async (CurrentPage, PageSize) => {
    expect(await world.refused('QueryProductList', { CurrentPage, PageSize })).toBe('common.invalidPage');
  });

  test('a page far beyond the end is empty', async () => {
    await world.newProduct();
    const { Data } = await world.call('QueryProductList', { CurrentPage: 2_147_483_647, PageSize: 200 });
    expect(Data.List.ProductInfo).toEqual([]);
    expect(Data.Total).toBe(1);
  });

  test('QueryProductList refuses an unknown commodity code', async () => {
    const request = { CurrentPage: 1, PageSize: 10, AliyunCommodityCode: 'x' };
    expect(await world.refused('QueryProductList', request)).toBe('product.invalidCommodityCode');
  });

  test('UpdateProduct renames a product and keeps, replaces or clears its description', async () => {
    const request = { ProductName: 'lamp', NodeType: 0, Description: 'on the road' };
    const { ProductKey } = await world.call('CreateProduct', request);
    const shown = async () => {
      const { Data } = await world.call('QueryProduct', { ProductKey });
      return [Data.ProductName, Data.Description];
    };
    expect(await world.call('UpdateProduct', { ProductKey, ProductName: '路灯_1' })).toEqual({});
    expect(await shown()).toEqual(['路灯_1', 'on the road']);
    await world.call('UpdateProduct', { ProductKey, ProductName: '路灯_1', Description: 'indoors' });
    expect(await shown()).toEqual(['路灯_1', 'indoors']);
    await world.call('UpdateProduct', { ProductKey, ProductName: '路灯_1', Description: '' });
    expect(await shown()).toEqual(['路灯_1', '']);
  });

  test.each([
    ['product.nullName', { ProductName: '' }],
    ['product.malformedName', { ProductName: 'abc' }],
    ['product.nameTaken', { ProductName: 'taken' }],
    ['product.longDescription', { Description: 'a'.repeat(101) }],
    ['common.invalidParameter', { Description: 'half \ud800' }],
    ['product.nullKey', { ProductKey: '' }],
    ['product.malformedKey', { ProductKey: 'nothing' }],
    ['product.notFound', { ProductKey: 'a1Unknown01' }],
  ])('UpdateProduct is refused with %s for %j', async (refusal, wrong) => {
    await world.newProduct('taken');
    const ProductKey = await world.newProduct('lamp');
    expect(await world.refused('UpdateProduct', { ProductKey, ProductName: 'lamp', ...wrong })).toBe(refusal);
    expect((await world.call('QueryProduct', { ProductKey })).Data).toMatchObject({ ProductName: 'lamp' });
  });

  test('DeleteProduct takes packages, modules and applications of the product along, and frees its name', async () => {
    const ProductKey = await world.newProduct('lamp');
    const other = await world.newProduct('radio');
    for (const key of [ProductKey, other]) {
      await world.call('CreateOTAModule', { ProductKey: key, ModuleName: 'MCU' });
      await world.call('BatchCheckDeviceNames', { ProductKey: key, DeviceName: ['dev1'] });
      await world.call('RegisterDevice', { ProductKey: key, DeviceName: 'gone' });
      await world.call('DeleteDevice', { ProductKey: key, DeviceName: 'gone' });
      const { url } = await world.newUpload();
      await world.call('CreateOTAFirmware', {
        FirmwareName: `of_${key}`,
        DestVersion: '1.0.0',
        ProductKey: key,
        FirmwareUrl: url,
      });
    }
    expect(await world.call('DeleteProduct', { ProductKey })).toEqual({});
    const { read } = world.deps.engine;
    for (const table of ['firmware', 'ota_module', 'device_apply', 'device_tally'] as const) {
      const rows = await read.selectFrom(table).select('product_key').execute();
      expect(rows, table).toEqual([{ product_key: other }]);
    }
    for (const table of ['firmware_file', 'device_apply_name'] as const) {
      expect(await read.selectFrom(table).selectAll().execute(), table).toHaveLength(1);
    }
    const states = await read.selectFrom('upload').select('state').orderBy('state').execute();
    expect(states).toEqual([{ state: 'stored' }, { state: 'used' }]);
    expect(await world.refused('QueryProduct', { ProductKey })).toBe('product.notFound');
    expect(await world.refused('DeleteProduct', { ProductKey })).toBe('product.notFound');
    await world.newProduct('lamp');
  });

  test('DeleteProduct is refused while the product has devices', async () => {
    const ProductKey = await world.newProduct();
    const { iotId } = await world.newDevice(ProductKey);
    expect(await world.refused('DeleteProduct', { ProductKey })).toBe('product.inUse');
    expect(await world.refused('DeleteProduct', { ProductKey }, await newScope(world.deps))).toBe('product.notFound');
    await world.call('DeleteDevice', { IotId: iotId });
    await world.call('DeleteProduct', { ProductKey });
  });

  test('DeleteProduct is refused while a job of its packages is not finished', async () => {
    const ProductKey = await world.newProduct();
    const { url } = await world.newUpload();
    const firmware = { FirmwareName: 'lamp', DestVersion: '1.0.0', ProductKey, FirmwareUrl: url };
    const { FirmwareId } = (await world.call('CreateOTAFirmware', firmware)).Data;
    const row = jobRow({ instance_id: world.scope.instanceId, product_key: ProductKey, firmware_id: FirmwareId });
    await world.deps.engine.transaction((tx) => tx.bulkInsert('job', [row]));
    expect(await world.refused('DeleteProduct', { ProductKey })).toBe('product.inUse');
    await world.deps.engine.transaction(({ db }) => db.updateTable('job').set({ status: 'COMPLETED' }).execute());
    await world.call('DeleteProduct', { ProductKey });
  });

  test('a product is either deleted or gets the device that is registered at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ProductKey = await world.newProduct();
      const [deleted, registered] = await world.atOnce<unknown>([
        () => world.call('DeleteProduct', { ProductKey }),
        () => world.newDevice(ProductKey),
      ]);
      expect([deleted?.status, registered?.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});
