import { beforeEach, expect, test } from 'vitest';
import { advanceApplication, applicationsToAdvance } from '../../../src/domain/device-registration.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

eachEngine('batch registration', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  const check = async (...DeviceName: string[]) =>
    (await world.call('BatchCheckDeviceNames', { ProductKey: key, DeviceName })).Data;
  const register = (ApplyId: number) => world.call('BatchRegisterDeviceWithApplyId', { ProductKey: key, ApplyId });
  const state = async (ApplyId: number) =>
    (await world.call('QueryBatchRegisterDeviceStatus', { ProductKey: key, ApplyId })).Data;
  const deviceCount = async () => (await world.call('QueryProduct', { ProductKey: key })).Data.DeviceCount;
  /** Does what a scheduler would. @returns the number of steps */
  async function work(): Promise<number> {
    let steps = 0;
    for (const id of await applicationsToAdvance(world.deps, 50)) {
      do steps += 1;
      while (await advanceApplication(world.deps, id));
    }
    return steps;
  }
  const nothing = { ValidList: { Name: [] }, InvalidList: { Name: [] }, InvalidDetailList: { invalidDetailList: [] } };

  test('goes from a check to devices that can be paged through', async () => {
    const { Data } = await world.call('BatchCheckDeviceNames', {
      ProductKey: key,
      DeviceName: ['dev1'],
      DeviceNameList: [{ DeviceName: 'dev2', DeviceNickname: '路灯_2' }, { DeviceName: 'dev3' }],
    });
    const { ApplyId } = Data;
    expect(Data).toEqual({
      ApplyId: expect.any(Number),
      InvalidDeviceNameList: { InvalidDeviceName: [] },
      InvalidDeviceNicknameList: { InvalidDeviceNickname: [] },
      InvalidDetailList: { InvalidDetailList: [] },
      RepeatedDeviceNameList: { RepeatDevieNameList: [] },
    });
    expect(await state(ApplyId)).toEqual({ Status: 'CHECK', ...nothing });
    expect(await world.refused('BatchRegisterDeviceWithApplyId', { ProductKey: key, ApplyId })).toBe(
      'device.applicationRunning',
    );
    await work();
    expect(await state(ApplyId)).toEqual({ Status: 'CHECK_SUCCESS', ...nothing });
    expect(await register(ApplyId)).toEqual({ Data: { ApplyId } });
    expect(await state(ApplyId)).toEqual({ Status: 'CREATE', ...nothing });
    expect(await world.refused('BatchRegisterDeviceWithApplyId', { ProductKey: key, ApplyId })).toBe(
      'device.applicationRunning',
    );
    await work();
    expect(await state(ApplyId)).toEqual({ Status: 'CREATE_SUCCESS', ...nothing });
    expect(await deviceCount()).toBe(3);
    const page = await world.call('QueryPageByApplyId', { ApplyId, CurrentPage: 1, PageSize: 2 });
    expect(page).toMatchObject({ Page: 1, PageCount: 2, PageSize: 2, Total: 3 });
    const next = await world.call('QueryPageByApplyId', { ApplyId, CurrentPage: 2, PageSize: 2 });
    const devices = [...page.ApplyDeviceList.ApplyDeviceInfo, ...next.ApplyDeviceList.ApplyDeviceInfo];
    expect(devices.map((device) => device.DeviceName)).toEqual(['dev1', 'dev2', 'dev3']);
    for (const { IotId, DeviceId, DeviceName, DeviceSecret } of devices) {
      expect(DeviceId).toBe(IotId);
      expect((await world.call('QueryDeviceInfo', { IotId })).Data).toEqual({
        IotId,
        ProductKey: key,
        DeviceName,
        DeviceSecret,
        Nickname: DeviceName === 'dev2' ? '路灯_2' : '',
      });
    }
    expect(await world.refused('BatchRegisterDeviceWithApplyId', { ProductKey: key, ApplyId })).toBe(
      'device.applicationUnfit',
    );
  });

  test('a check fails for names that are malformed, and tells them at once', async () => {
    const { Data } = await world.call('BatchCheckDeviceNames', {
      ProductKey: key,
      DeviceNameList: [
        { DeviceName: 'good', DeviceNickname: 'lamp_1' },
        { DeviceName: 'no', DeviceNickname: 'no' },
        { DeviceName: 'wrong\u0001', DeviceNickname: '' },
        { DeviceName: 'twice' },
        { DeviceName: 'twice' },
      ],
    });
    const details = [
      {
        DeviceName: 'no',
        NickName: 'no',
        ErrorMsg: 'The DeviceName format is invalid.|The Nickname format is invalid.',
      },
      { DeviceName: 'wrong\ufffd', NickName: '', ErrorMsg: 'The DeviceName format is invalid.' },
    ];
    expect(Data).toEqual({
      ApplyId: Data.ApplyId,
      InvalidDeviceNameList: { InvalidDeviceName: ['no', 'wrong\ufffd'] },
      InvalidDeviceNicknameList: { InvalidDeviceNickname: ['no'] },
      InvalidDetailList: { InvalidDetailList: details },
      RepeatedDeviceNameList: { RepeatDevieNameList: ['twice'] },
    });
    await work();
    expect(await state(Data.ApplyId)).toEqual({
      Status: 'CHECK_FAILED',
      ValidList: { Name: ['good', 'twice'] },
      InvalidList: { Name: ['no', 'wrong\ufffd'] },
      InvalidDetailList: { invalidDetailList: details },
    });
    const request = { ProductKey: key, ApplyId: Data.ApplyId };
    expect(await world.refused('BatchRegisterDeviceWithApplyId', request)).toBe('device.applicationUnfit');
    expect(await world.call('QueryPageByApplyId', { ApplyId: Data.ApplyId })).toMatchObject({ Total: 0 });
  });

  test('a check fails for names that are taken, in this product only', async () => {
    await world.newDevice(key, 'dev2');
    await world.newDevice(await world.newProduct(), 'dev1');
    const { ApplyId } = await check('dev1', 'dev2');
    await work();
    expect(await state(ApplyId)).toEqual({
      Status: 'CHECK_FAILED',
      ValidList: { Name: ['dev1'] },
      InvalidList: { Name: ['dev2'] },
      InvalidDetailList: {
        invalidDetailList: [{ DeviceName: 'dev2', NickName: '', ErrorMsg: 'The device name already exists.' }],
      },
    });
  });

  test('a name that is taken after the check fails alone', async () => {
    const { ApplyId } = await check('dev1', 'dev2', 'dev3');
    await work();
    const { iotId } = await world.newDevice(key, 'dev2');
    await register(ApplyId);
    await work();
    expect(await state(ApplyId)).toMatchObject({
      Status: 'CREATE_FAILED',
      ValidList: { Name: ['dev1', 'dev3'] },
      InvalidList: { Name: ['dev2'] },
    });
    const { Total, ApplyDeviceList } = await world.call('QueryPageByApplyId', { ApplyId });
    expect(Total).toBe(2);
    expect(ApplyDeviceList.ApplyDeviceInfo.map((device) => device.DeviceName)).toEqual(['dev1', 'dev3']);
    expect(ApplyDeviceList.ApplyDeviceInfo.map((device) => device.IotId)).not.toContain(iotId);
    expect(await deviceCount()).toBe(3);
  });

  test('10,000 devices are checked and made in small transactions that a crash does not undo', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `device-${index}`);
    const { ApplyId } = await check(...names);
    expect(await work()).toBe(10);
    await register(ApplyId);
    const [id] = await applicationsToAdvance(world.deps, 1);
    for (let step = 0; step < 3; step += 1) await advanceApplication(world.deps, id as number);
    expect(await deviceCount()).toBe(1_500);
    // another process goes on
    const { Total } = await world.call('QueryPageByApplyId', { ApplyId });
    expect(Total).toBe(1_500);
    expect(await work()).toBe(17);
    expect((await state(ApplyId)).Status).toBe('CREATE_SUCCESS');
    expect(await deviceCount()).toBe(10_000);
    const last = await world.call('QueryPageByApplyId', { ApplyId, CurrentPage: 200, PageSize: 50 });
    expect(last.ApplyDeviceList.ApplyDeviceInfo.map((device) => device.DeviceName)).toEqual(names.slice(-50));
    expect(await applicationsToAdvance(world.deps, 50)).toEqual([]);
  });

  test('schedulers that work on the same application at the same time make each device once', async () => {
    const { ApplyId } = (await world.call('BatchRegisterDevice', { ProductKey: key, Count: 1_200 })).Data;
    await world.atOnce(Array.from({ length: 3 }, () => work));
    expect((await state(ApplyId)).Status).toBe('CREATE_SUCCESS');
    expect(await deviceCount()).toBe(1_200);
  });

  test('a registration of one of the names at the same time is no accident', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `dev-${index}`);
    const { ApplyId } = await check(...names);
    await work();
    await register(ApplyId);
    const results = await world.atOnce<unknown>([work, ...names.map((name) => () => world.newDevice(key, name))]);
    expect(results[0]).toMatchObject({ status: 'fulfilled' });
    expect((await state(ApplyId)).Status).toMatch(/^CREATE_/);
    expect(await deviceCount()).toBe(40);
  });

  test('BatchRegisterDevice makes devices with names of their own', async () => {
    const { ApplyId } = (await world.call('BatchRegisterDevice', { ProductKey: key, Count: 3 })).Data;
    expect(await state(ApplyId)).toEqual({ Status: 'CREATE', ...nothing });
    await work();
    expect(await state(ApplyId)).toEqual({ Status: 'CREATE_SUCCESS', ...nothing });
    const { Total, ApplyDeviceList } = await world.call('QueryPageByApplyId', { ApplyId });
    expect(Total).toBe(3);
    const names = ApplyDeviceList.ApplyDeviceInfo.map((device) => device.DeviceName);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[0-9A-Za-z]{20}$/);
  });

  test('a product takes no more devices than the limit', async () => {
    world.limit({ devicesPerProduct: 2 });
    expect(await world.refused('BatchRegisterDevice', { ProductKey: key, Count: 3 })).toBe('device.countExceeded');
    const { ApplyId } = await check('dev1', 'dev2');
    const other = await check('dev3', 'dev4');
    await work();
    await register(ApplyId);
    await register(other.ApplyId);
    await work();
    expect((await state(ApplyId)).Status).toBe('CREATE_SUCCESS');
    expect(await state(other.ApplyId)).toMatchObject({
      Status: 'CREATE_FAILED',
      ValidList: { Name: [] },
      InvalidList: { Name: ['dev3', 'dev4'] },
    });
    expect(await deviceCount()).toBe(2);
    const third = await check('dev5');
    await work();
    expect(await world.refused('BatchRegisterDeviceWithApplyId', { ProductKey: key, ApplyId: third.ApplyId })).toBe(
      'device.countExceeded',
    );
  });

  test('a device that was deleted is left out of the page', async () => {
    const { ApplyId } = await check('dev1', 'dev2');
    await work();
    await register(ApplyId);
    await work();
    await world.call('DeleteDevice', { ProductKey: key, DeviceName: 'dev1' });
    const { ApplyDeviceList } = await world.call('QueryPageByApplyId', { ApplyId });
    expect(ApplyDeviceList.ApplyDeviceInfo.map((device) => device.DeviceName)).toEqual(['dev2']);
  });

  test('an application belongs to its account and its product', async () => {
    const { ApplyId } = await check('dev1');
    const other = await world.newProduct();
    const stranger = await newScope(world.deps);
    expect(await world.refused('QueryBatchRegisterDeviceStatus', { ProductKey: other, ApplyId })).toBe(
      'device.applicationNotFound',
    );
    expect(await world.refused('BatchRegisterDeviceWithApplyId', { ProductKey: other, ApplyId })).toBe(
      'device.applicationNotFound',
    );
    expect(await world.refused('QueryPageByApplyId', { ApplyId }, stranger)).toBe('device.applicationNotFound');
    expect(await world.refused('QueryPageByApplyId', { ApplyId: 1 })).toBe('device.applicationNotFound');
    expect(await world.refused('QueryPageByApplyId', { ApplyId: 0 })).toBe('device.malformedApplyId');
  });

  test('BatchCheckDeviceNames wants 1 to 10,000 names', async () => {
    expect(await world.refused('BatchCheckDeviceNames', { ProductKey: key })).toBe('device.noNames');
    const names = Array.from({ length: 10_000 }, () => 'dev1');
    const request = { ProductKey: key, DeviceName: names, DeviceNameList: [{ DeviceName: 'dev2' }] };
    expect(await world.refused('BatchCheckDeviceNames', request)).toBe('device.tooManyNames');
    expect(await world.refused('BatchRegisterDevice', { ProductKey: key, Count: 10_001 })).toBe(
      'common.invalidParameter',
    );
  });
});
