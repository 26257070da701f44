import { beforeEach, expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { searchDevices } from '../../../src/domain/searched-devices.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type World } from './world.ts';

eachEngine('QueryDeviceBySQL', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
    for (const name of ['lamp-1', 'lamp-2', 'Lamp-3', 'door-1']) {
      await world.newDevice(key, name);
      await world.clock.advance(1_500);
    }
  });

  const search = (SQL: string) => world.call('QueryDeviceBySQL', { SQL });
  const names = async (rest: string) =>
    (await search(`SELECT name FROM device WHERE ${rest}`)).Data.map(({ DeviceName }) => DeviceName);

  test('finds in the instance of the caller only', async () => {
    const statement = { SQL: `SELECT * FROM device WHERE product_key = "${key}" and name like "lamp%"` };
    const counted = { SQL: `SELECT count(*) FROM device WHERE product_key = "${key}"` };
    const stranger = await newScope(world.deps);
    expect((await world.call('QueryDeviceBySQL', statement)).Data).toHaveLength(2);
    expect((await world.call('QueryDeviceBySQL', statement, stranger)).Data).toEqual([]);
    expect(await world.call('QueryDeviceBySQL', counted)).toEqual({ TotalCount: 4, Data: [] });
    expect((await world.call('QueryDeviceBySQL', counted, stranger)).TotalCount).toBe(0);
    expect(
      (await world.call('QueryDeviceBySQL', { SQL: 'SELECT * FROM device WHERE name != ""' }, stranger)).Data,
    ).toEqual([]);
  });

  test('names that begin so come by name, others the newest first, or in the order that was asked for', async () => {
    expect(await names(`product_key = "${key}" and name like "lamp-%"`)).toEqual(['lamp-1', 'lamp-2']);
    expect(await names('name != "lamp-1"')).toEqual(['door-1', 'Lamp-3', 'lamp-2']);
    expect(await names('name != "lamp-1" order by gmt_create limit 1, 2')).toEqual(['Lamp-3', 'door-1']);
    expect(await names('gmt_create > "2030-01-01 08:00:01.500"')).toEqual(['door-1', 'Lamp-3']);
    expect(await names('gmt_create = "2030-01-01 08:00:01.500"')).toEqual(['lamp-2']);
  });

  test('a rule of a group takes times, and statements no more than what they are told', async () => {
    const { Data } = await world.call('CreateDeviceDynamicGroup', {
      GroupName: 'newest',
      DynamicGroupExpression: 'gmt_create >= "2030-01-01 08:00:03.000"',
    });
    const found = await world.call('QueryDynamicGroupDevices', { GroupId: Data.GroupId });
    expect(found.Data.SimpleDeviceInfo.map(({ DeviceName }) => DeviceName)).toEqual(['door-1', 'Lamp-3']);
    expect(
      Object.keys((await search('SELECT status, iot_id FROM device WHERE name = "lamp-1"')).Data[0] ?? {}),
    ).toEqual(['IotId', 'Status']);
  });

  test('is refused where more devices would have to be looked at than a search may', async () => {
    const refusal = await searchDevices(
      world.deps,
      world.scope,
      'SELECT count(*) FROM device WHERE nickname = "x"',
      0,
    ).catch((error) => error);
    expect(refusal).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ key: 'search.condition' });
  });

  test('says what is wrong with a text that no database can hold', async () => {
    const request = { SQL: 'SELECT * FROM device WHERE name = "half \ud800"' };
    expect(await world.refused('QueryDeviceBySQL', request)).toBe('search.syntax');
  });
});
