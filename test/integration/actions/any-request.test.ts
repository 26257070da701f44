import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { ErrorKey } from '../../../src/contract/errors.ts';
import type { RequestOf } from '../../../src/contract/index.ts';
import type { Field, Fields } from '../../../src/contract/schema.ts';
import type { Scope } from '../../../src/domain/deps.ts';
import { advanceApplication } from '../../../src/domain/device-registration.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { coerce } from '../../../src/wire/parameters.ts';
import type { Pair } from '../../../src/wire/percent.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, entries, type Name, newScope, type World } from './world.ts';

/** What exists in the database of these tests. */
interface Known {
  readonly ProductKey: string;
  readonly IotId: string;
  readonly DeviceName: string;
  readonly GroupId: string;
  readonly dynamicGroupId: string;
  readonly NextToken: string;
  readonly FirmwareId: string;
  readonly ModuleName: string;
  /** An upload that no package uses yet. */
  readonly FirmwareUrl: string;
  /** An application whose check has succeeded. */
  readonly ApplyId: number;
  /** A product that can be deleted. */
  readonly emptyProductKey: string;
  readonly secrets: readonly string[];
}

async function populate(world: World): Promise<Known> {
  const ProductKey = await world.newProduct();
  const device = await world.newDevice(ProductKey);
  await world.newDevice(ProductKey);
  const GroupId = await world.newGroup();
  await world.call('BatchAddDeviceGroupRelations', { GroupId, Device: [{ ProductKey, DeviceName: device.name }] });
  const rule = { GroupName: 'dynamic', DynamicGroupExpression: `product_key = "${ProductKey}"` };
  const dynamicGroupId = (await world.call('CreateDeviceDynamicGroup', rule)).Data.GroupId;
  const { NextToken } = await world.call('QueryDevice', { ProductKey, PageSize: 1 });
  const { ProductSecret } = (await world.call('QueryProduct', { ProductKey })).Data;
  const ModuleName = 'MCU';
  await world.call('CreateOTAModule', { ProductKey, ModuleName });
  const { url } = await world.newUpload();
  const firmware = { FirmwareName: 'in_use', DestVersion: '1.0.0', ProductKey, FirmwareUrl: url };
  const { FirmwareId } = (await world.call('CreateOTAFirmware', firmware)).Data;
  const { ApplyId } = (await world.call('BatchCheckDeviceNames', { ProductKey, DeviceName: ['applied-for'] })).Data;
  await advanceApplication(world.deps, ApplyId);
  await world.call('SaveDeviceProp', { IotId: device.iotId, Props: '{"room":"the cellar"}' });
  return {
    ApplyId,
    emptyProductKey: await world.newProduct(),
    FirmwareId,
    ModuleName,
    FirmwareUrl: (await world.newUpload()).url,
    ProductKey,
    IotId: device.iotId,
    DeviceName: device.name,
    GroupId,
    dynamicGroupId,
    NextToken,
    secrets: [ProductSecret, device.secret, device.iotId, device.name, 'applied-for', 'the cellar'],
  };
}

/** Values of a field that a client could send: some of what exists, much that is odd. */
function anyValue(field: Field, known: Known): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      return fc.oneof(
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            known.ProductKey,
            known.IotId,
            known.DeviceName,
            known.GroupId,
            known.dynamicGroupId,
            known.NextToken,
            known.FirmwareId,
            known.ModuleName,
            known.FirmwareUrl,
          ),
        },
        fc.constantFrom(
          '',
          'lamp',
          'dev1',
          'secret',
          'LINK_PLATFORM',
          'LINK_PLATFORM_DYNAMIC',
          'product_key = "a" and not (status in ("ONLINE"))',
          'iothub_senior',
          '{"room":"hall"}',
          '{"room":{}}',
          '\0',
          'a\0bc',
          '\ud800',
          '灯'.repeat(50),
        ),
        fc.constantFrom(
          'a'.repeat(5_000),
          "' or 1=1 --",
          '%',
          '../..',
          '__proto__',
          'null',
          '[object Object]',
          '1e999',
        ),
        fc.string({ unit: 'binary' }),
      );
    case 'int':
    case 'long':
      return fc.oneof(
        fc.constantFrom(known.ApplyId, 0, 1, 2, 8, 10, 50, 200, -1, 2 ** 31 - 1, -(2 ** 31)),
        fc.integer(),
      );
    case 'bool':
      return fc.boolean();
    case 'list':
      return fc.oneof(
        // one that is empty counts as absent before an action sees it (openapi-gateway 11)
        fc.array(anyValue(field.of, known), { minLength: 1, maxLength: 4 }),
        anyValue(field.of, known).map((value) => Array.from({ length: Math.min(field.max, 10_000) }, () => value)),
      );
    case 'object':
      return anyRequest(field.fields, known);
  }
}

function anyRequest(fields: Fields, known: Known): fc.Arbitrary<Record<string, unknown>> {
  const members = Object.entries(fields);
  return fc.record(Object.fromEntries(members.map(([name, field]) => [name, anyValue(field, known)])), {
    requiredKeys: members.filter(([, field]) => field.required).map(([name]) => name),
    noNullPrototype: true,
  });
}

eachEngine('any request', (database) => {
  let world: World;
  let known: Known;
  let stranger: Scope;
  beforeEach(async () => {
    world = await createWorld(database);
    known = await populate(world);
    stranger = await newScope(world.deps);
  });

  for (const entry of entries) {
    const call = (request: object, scope?: Scope) => world.call(entry.name as Name, request as RequestOf<Name>, scope);
    const declared: readonly ErrorKey[] = entry.errors;

    test(`${entry.name} answers as declared or is refused with an error that it declares`, async () => {
      await fc.assert(
        fc.asyncProperty(anyRequest(entry.request, known), async (request) => {
          const failure = await call(request).catch((error: unknown) => error);
          if (failure instanceof Failure) expect(declared).toContain(failure.key);
          else expect(failure).not.toBeInstanceOf(Error);
        }),
        { numRuns: 60 },
      );
    });

    // every account has a group and a list of its own there: see subscription.test.ts; and an overview of its own, which
    // other accounts' ids are simply not in: see the tests of each in domain/
    if (entry.family === 'subscription' || entry.family === 'overview') continue;
    const lists = Object.entries<Field>(entry.request).filter(([, field]) => field.required && field.kind === 'list');
    test.runIf(lists.length > 0)(`${entry.name} refuses an empty list, though none reaches it`, async () => {
      const flat = coerce(entry.request, [
        ...requiredPairs(entry.request),
        ...lists.map(([name]) => [name, ''] as const),
      ]);
      expect(flat).toEqual({ ok: false, problem: 'missing', parameter: lists[0]?.[0] });
      const request = ourRequest(entry.name, entry.request, known);
      const empty = { ...request, ...Object.fromEntries(lists.map(([name]) => [name, []])) };
      await expect(call(empty)).rejects.toBeInstanceOf(Failure);
    });

    test(`${entry.name} tells another account nothing and changes nothing of ours`, async () => {
      const before = await ourRows(world);
      const request = ourRequest(entry.name, entry.request, known);
      // once naming what is ours, once naming as little as the action allows
      for (const asked of [request, onlyRequired(entry.request, request)]) {
        const answer = await call(asked, stranger).catch((error: unknown) => error);
        if (answer instanceof Failure) {
          expect(declared).toContain(answer.key);
        } else {
          expect(answer).not.toBeInstanceOf(Error);
          const text = JSON.stringify(answer);
          for (const secret of known.secrets) expect(text).not.toContain(secret);
          expect(text).not.toMatch(/"Total":[^0]/);
          // a list leaves out what it does not know, everything else refuses
          const named = ['ProductKey', 'IotId', 'GroupId', 'SuperGroupId', 'FirmwareId', 'ApplyId'].some(
            (name) => asked[name] !== undefined,
          );
          expect(named).toBe(entry.name === 'BatchGetDeviceState');
        }
      }
      expect(await ourRows(world)).toEqual(before);
      // the same request is no mistake when its owner makes it
      await call(request);
    });
  }
});

/** What the owner would send: every name and id is the one of what exists. */
function ourRequest(name: string, fields: Fields, known: Known): Record<string, unknown> {
  const values: Record<string, unknown> = {
    ...known,
    SuperGroupId: known.GroupId,
    Device: [{ ProductKey: known.ProductKey, DeviceName: known.DeviceName }],
    ProductName: 'lamp',
    FirmwareName: 'another',
    DestVersion: '1.0.1',
    Props: '{"room":"hall"}',
    PropKey: 'room',
    DeviceNicknameInfo: [{ IotId: known.IotId, Nickname: 'hall' }],
    Count: 1,
    Status: 0,
    NodeType: 0,
    CurrentPage: 1,
    PageSize: 10,
    SQL: `SELECT * FROM device WHERE product_key = "${known.ProductKey}"`,
  };
  if (name === 'RegisterDevice') values['DeviceName'] = 'another';
  if (name === 'DeleteProduct') values['ProductKey'] = known.emptyProductKey;
  if (name === 'CreateOTAModule') values['ModuleName'] = 'BLE';
  if (name === 'CreateDeviceGroup') values['GroupName'] = 'roads';
  if (name === 'CreateDeviceDynamicGroup') values['GroupName'] = 'rule';
  if (name.includes('Dynamic')) {
    Object.assign(values, {
      GroupId: known.dynamicGroupId,
      DynamicGroupExpression: `product_key = "${known.ProductKey}"`,
      Status: 'UNACTIVE',
      NextToken: undefined,
    });
  }
  const chosen = Object.entries(fields).filter(([field]) => values[field] !== undefined);
  return Object.fromEntries(
    chosen.map(([field, { kind }]) => {
      const value = values[field];
      return [field, kind === 'list' && !Array.isArray(value) ? [value] : value];
    }),
  );
}

/** Something for every required parameter that is no list. */
function requiredPairs(fields: Fields): Pair[] {
  return Object.entries(fields).flatMap(([name, { required, kind }]): Pair[] =>
    !required || kind === 'list' ? [] : [[name, kind === 'bool' ? 'true' : '1']],
  );
}

function onlyRequired(fields: Fields, request: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([name]) => fields[name]?.required));
}

async function ourRows(world: World) {
  const { read } = world.deps.engine;
  const { instanceId } = world.scope;
  return [
    await read.selectFrom('product').selectAll().where('instance_id', '=', instanceId).execute(),
    await read.selectFrom('device').selectAll().where('instance_id', '=', instanceId).execute(),
    await read.selectFrom('device_group').selectAll().where('instance_id', '=', instanceId).execute(),
    await read.selectFrom('device_group_member').selectAll().execute(),
    await read.selectFrom('device_prop').selectAll().execute(),
    await read.selectFrom('device_apply').selectAll().where('instance_id', '=', instanceId).execute(),
    await read.selectFrom('device_apply_name').selectAll().execute(),
    await read.selectFrom('firmware').selectAll().where('instance_id', '=', instanceId).execute(),
    await read.selectFrom('firmware_file').selectAll().execute(),
    await read.selectFrom('ota_module').selectAll().execute(),
    await read.selectFrom('upload').selectAll().where('instance_id', '=', instanceId).execute(),
  ];
}
