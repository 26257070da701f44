import { beforeEach, expect, test } from 'vitest';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, type World } from './world.ts';

eachEngine('what an operator writes on devices', (database) => {
  let world: World;
  let key: string;
  let id: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
    id = (await world.newDevice(key, 'dev1')).iotId;
  });

  const save = (props: unknown, IotId = id) => world.call('SaveDeviceProp', { IotId, Props: JSON.stringify(props) });
  const props = async (IotId = id) => JSON.parse((await world.call('QueryDeviceProp', { IotId })).Props);
  const nicknames = async () => {
    const { Data } = await world.call('QueryDevice', { ProductKey: key });
    return Object.fromEntries(Data.DeviceInfo.map((device) => [device.DeviceName, device.Nickname]));
  };

  test('tags are added, replaced by key, told as JSON, and removed', async () => {
    const other = await world.newDevice(key, 'dev2');
    expect(await world.call('QueryDeviceProp', { IotId: id })).toEqual({ Props: '{}' });
    expect(await save({ color: 'red', room: '厨房' })).toEqual({});
    await save({ color: 'blue', height: 2, dimmed: true, abc: '', __proto__x: '"quoted"' });
    const { Props } = await world.call('QueryDeviceProp', { ProductKey: key, DeviceName: 'dev1' });
    expect(Props).toBe(
      '{"__proto__x":"\\"quoted\\"","abc":"","color":"blue","dimmed":"true","height":"2","room":"厨房"}',
    );
    expect(await world.call('DeleteDeviceProp', { IotId: id, PropKey: 'color' })).toEqual({});
    expect(await world.call('DeleteDeviceProp', { IotId: id, PropKey: 'color' })).toEqual({});
    expect(Object.keys(await props())).not.toContain('color');
    expect(await props(other.iotId)).toEqual({});
    await world.call('DeleteDevice', { IotId: id });
    expect(await world.deps.engine.read.selectFrom('device_prop').selectAll().execute()).toEqual([]);
  });

  test('a tag may be named as if it were code', async () => {
    await world.call('SaveDeviceProp', { IotId: id, Props: '{"__proto__":"a","constructor":"b"}' });
    expect((await world.call('QueryDeviceProp', { IotId: id })).Props).toBe('{"__proto__":"a","constructor":"b"}');
  });

  test.each([
    ['device.nullProps', ''],
    ['device.malformedProps', 'color=red'],
    ['device.malformedProps', '[]'],
    ['device.malformedProps', 'null'],
    ['device.malformedProps', '"red"'],
    ['device.malformedProps', '{"color":null}'],
    ['device.malformedProps', '{"color":["red"]}'],
    ['device.malformedProps', '{"":"red"}'],
    ['device.malformedProps', '{"color":"a\\u0000"}'],
    ['device.malformedProps', `{"${'k'.repeat(129)}":"red"}`],
    ['device.noProps', '{}'],
    ['device.longProps', JSON.stringify({ color: '灯'.repeat(2_000) })],
    ['device.tooManyProps', JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, ''])))],
  ])('SaveDeviceProp is refused with %s for %s', async (refusal, Props) => {
    expect(await world.refused('SaveDeviceProp', { IotId: id, Props })).toBe(refusal);
    expect(await props()).toEqual({});
  });

  test('a device has at most 100 tags, also when callers add some at the same time', async () => {
    const some = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, 'v']));
    await save(some(0, 90));
    const results = await world.atOnce([() => save(some(100, 10)), () => save(some(200, 10))]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(Object.keys(await props())).toHaveLength(100);
    await save(some(0, 90));
    expect(await world.refused('SaveDeviceProp', { IotId: id, Props: '{"one":"more"}' })).toBe('device.tooManyProps');
  });

  test('DeleteDeviceProp wants a key', async () => {
    expect(await world.refused('DeleteDeviceProp', { IotId: id, PropKey: '' })).toBe('device.nullPropKey');
    expect(await world.refused('DeleteDeviceProp', { IotId: id, PropKey: 'a\0' })).toBe('device.malformedPropKey');
  });

  test('BatchUpdateDeviceNickname sets and clears the aliases of devices named either way', async () => {
    await world.newDevice(key, 'dev2');
    await world.newDevice(key, 'dev3');
    await world.call('BatchUpdateDeviceNickname', {
      DeviceNicknameInfo: [
        { IotId: id, Nickname: '路灯_1' },
        { ProductKey: key, DeviceName: 'dev2', Nickname: 'lamp_2' },
        { ProductKey: key, DeviceName: 'dev3', Nickname: 'lamp_3' },
      ],
    });
    expect(await nicknames()).toEqual({ dev1: '路灯_1', dev2: 'lamp_2', dev3: 'lamp_3' });
    await world.call('BatchUpdateDeviceNickname', {
      DeviceNicknameInfo: [{ IotId: id }, { ProductKey: key, DeviceName: 'dev2', Nickname: '' }],
    });
    expect(await nicknames()).toEqual({ dev1: '', dev2: '', dev3: 'lamp_3' });
  });

  test.each([
    ['device.malformedNickname', { Nickname: 'no' }],
    ['device.notFound', { Nickname: 'lamp_2', DeviceName: 'nobody' }],
    ['device.nullName', { Nickname: 'lamp_2', DeviceName: undefined }],
  ])('BatchUpdateDeviceNickname changes nothing when one entry is refused with %s', async (refusal, wrong) => {
    const entries = [
      { IotId: id, Nickname: 'lamp_1' },
      { ProductKey: key, DeviceName: 'dev1', ...wrong },
    ];
    expect(await world.refused('BatchUpdateDeviceNickname', { DeviceNicknameInfo: entries })).toBe(refusal);
    expect(await nicknames()).toEqual({ dev1: '' });
  });

  test('BatchUpdateDeviceNickname takes 50 entries', async () => {
    const entries = (count: number) => ({ DeviceNicknameInfo: Array.from({ length: count }, () => ({ IotId: id })) });
    expect(await world.refused('BatchUpdateDeviceNickname', entries(51))).toBe('device.tooManyNames');
    await world.call('BatchUpdateDeviceNickname', entries(50));
  });

  test('QueryDeviceInfo tells names, alias and secret', async () => {
    const { name, secret, iotId } = await world.newDevice(key);
    expect((await world.call('QueryDeviceInfo', { ProductKey: key, DeviceName: name })).Data).toEqual({
      IotId: iotId,
      ProductKey: key,
      DeviceName: name,
      DeviceSecret: secret,
      Nickname: '',
    });
    expect(await world.refused('QueryDeviceInfo', { ProductKey: key, DeviceName: 'nobody' })).toBe('device.notFound');
  });
});
