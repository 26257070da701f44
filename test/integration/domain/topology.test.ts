import { expect, it } from 'vitest';
import { createAccount, resolveScope } from '../../../src/domain/accounts.ts';
import { resetDevice } from '../../../src/domain/device-reset.ts';
import type { DeviceRef, GatewayOutcome, TopologyRequest } from '../../../src/domain/device-services.ts';
import { disable, enable } from '../../../src/domain/device-states.ts';
import { deleteDevice, getDevice, getDeviceWithSecret } from '../../../src/domain/devices.ts';
import { switchDynamicRegistration } from '../../../src/domain/dynamic-registration.ts';
import { buryDeadNodes, keepNodeAlive, NODE_LEASE_MS } from '../../../src/domain/nodes.ts';
import { createProduct, getProduct } from '../../../src/domain/products.ts';
import type { DeviceNames } from '../../../src/wire/device-topics.ts';
import type { SubDeviceClaim } from '../../../src/wire/gateway-messages.ts';
import { connectSignature } from '../../../src/wire/mqtt-connect.ts';
import { registrationSignature } from '../../../src/wire/registration.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { createWorld, MINUTE, NEW, OLD, reopen, type World } from './world.ts';

/** A product of gateways with some of them, beside the product of the world, whose devices stand behind them. */
async function createGatewayWorld(database: TestDatabase, limits: { subDevicesPerGateway?: number } = {}) {
  const world = await createWorld(database, limits);
  const { deps, scope } = world;
  const { key: gatewayKey } = await createProduct(deps, scope, { name: 'hubs', nodeType: 1 });
  const [one, two] = (await world.devices(['hub-1', 'hub-2'], { productKey: gatewayKey })) as [DeviceRef, DeviceRef];
  const namesOf = ({ productKey, deviceName }: DeviceNames) => ({ productKey, deviceName });
  const ask = (gateway: DeviceRef, request: object) =>
    world.node.answerGateway(gateway, { kind: 'gateway', id: '1', ...request } as TopologyRequest);
  return {
    world,
    one,
    two,
    gatewayKey,
    namesOf,
    ask,
    claims: (devices: readonly DeviceNames[], changes: Partial<SubDeviceClaim> & { secret?: string } = {}) =>
      devices.map((device): SubDeviceClaim => {
        const { secret = 'secret', ...rest } = changes;
        // a block in the id takes part in the signature as it is
        const clientId = `${device.productKey}.${device.deviceName}|lan=Python,_v=2.2.1,_ss=1|`;
        const method = 'hmacsha256';
        const signed = { id: clientId, timestamp: '1700000000000', ...namesOf(device) };
        const sign = connectSignature(method, secret, signed).toUpperCase();
        return { ...namesOf(device), clientId, timestamp: '1700000000000', method, sign, ...rest };
      }),
    async add(gateway: DeviceRef, devices: readonly DeviceNames[]) {
      const outcome = await ask(gateway, { op: 'topoAdd', claims: this.claims(devices) });
      if (!outcome.ok) throw new Error(outcome.error);
    },
    async topology(gateway: DeviceRef) {
      const outcome = (await ask(gateway, { op: 'topoGet' })) as GatewayOutcome<DeviceNames[]>;
      return outcome.ok ? outcome.data.map(({ deviceName }) => deviceName).sort() : outcome.error;
    },
    login(gateway: DeviceRef, devices: readonly DeviceNames[], changes: Parameters<typeof this.claims>[1] = {}) {
      return world.node.checkSubDevices(gateway, this.claims(devices, changes));
    },
  };
}

const error = (outcome: GatewayOutcome) => (outcome.ok ? 'none' : outcome.error);
const changesOf = (world: World) => world.nudges.filter((nudge) => nudge.kind === 'topology');

eachEngine('the topology of a gateway', (database) => {
  it('holds the devices that signed for it, outlives a restart, and lets them log in', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one, namesOf, ask } = hubs;
    const devices = await world.devices(['sub-1', 'sub-2', 'sub-3']);
    expect(await hubs.topology(one)).toEqual([]);
    expect(error(await hubs.login(one, devices))).toBe('noTopology');
    await hubs.add(one, devices.slice(0, 2));
    await hubs.add(one, devices.slice(1));
    expect(await hubs.topology(one)).toEqual(['sub-1', 'sub-2', 'sub-3']);
    const later = (await reopen(world, database)).node;
    expect(await later.checkSubDevices(one, hubs.claims(devices))).toEqual({ ok: true, data: devices });
    const gone = { op: 'topoDelete', devices: [namesOf(devices[0] as DeviceRef)] };
    expect(await ask(one, gone)).toEqual({ ok: true, data: {} });
    expect(await ask(one, gone)).toEqual({ ok: true, data: {} });
    expect(await hubs.topology(one)).toEqual(['sub-2', 'sub-3']);
    expect(await hubs.login(one, devices)).toEqual({
      ok: false,
      error: 'noTopology',
      devices: [expect.objectContaining(namesOf(devices[0] as DeviceRef))],
    });
  });

  it('takes a device over from another gateway, which is told; the device is behind one at a time', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one, two } = hubs;
    const devices = await world.devices(['sub-1']);
    await hubs.add(one, devices);
    world.nudges.length = 0;
    await hubs.add(one, devices);
    expect(changesOf(world)).toEqual([]);
    await hubs.add(two, devices);
    expect([await hubs.topology(one), await hubs.topology(two)]).toEqual([[], ['sub-1']]);
    expect(changesOf(world)).toEqual([
      {
        kind: 'topology',
        changes: [{ gatewayId: one.deviceId, change: 'removed', productKey: world.productKey, deviceName: 'sub-1' }],
      },
    ]);
    expect(error(await hubs.login(one, devices))).toBe('noTopology');
  });

  it('is told of the loss, whichever of two gateways wins that want the same devices at the same time', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one, two } = hubs;
    const devices = await world.devices(12);
    world.nudges.length = 0;
    await Promise.all(devices.flatMap((device) => [hubs.add(one, [device]), hubs.add(two, [device])]));
    const [ofOne, ofTwo] = [await hubs.topology(one), await hubs.topology(two)];
    expect([...ofOne, ...ofTwo].sort()).toEqual(devices.map(({ deviceName }) => deviceName).sort());
    const told = changesOf(world).flatMap(({ changes }) => changes);
    const lost = (gateway: DeviceRef) =>
      told.filter(({ gatewayId }) => gatewayId === gateway.deviceId).map(({ deviceName }) => deviceName);
    expect(lost(one).sort()).toEqual(ofTwo);
    expect(lost(two).sort()).toEqual(ofOne);
  });

  it('refuses all when one is wrong, and says which', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one, two, claims, ask, namesOf } = hubs;
    const [good, disabled] = (await world.devices(['sub-1', 'sub-2'])) as [DeviceRef, DeviceRef];
    await disable(world.deps, world.scope, { id: disabled.deviceId });
    const refusal = async (gateway: DeviceRef, wrong: SubDeviceClaim[]) =>
      error(await ask(gateway, { op: 'topoAdd', claims: [...claims([good]), ...wrong] }));
    const other = namesOf(good);
    expect(await refusal(one, claims([{ ...other, deviceName: 'nobody' }]))).toBe('deviceNotFound');
    expect(await refusal(one, claims([{ ...other, deviceName: 'no\0name' }]))).toBe('deviceNotFound');
    expect(await refusal(one, claims([{ ...other, productKey: '\0' }]))).toBe('deviceNotFound');
    expect(await refusal(one, claims([one]))).toBe('ownTopology');
    expect(await refusal(one, claims([two]))).toBe('badRequest');
    expect(await refusal(one, claims([disabled]))).toBe('deviceDisabled');
    expect(await refusal(one, claims([disabled], { secret: 'x' }))).toBe('requestAuth');
    expect(await refusal(one, claims([disabled], { timestamp: '1' }))).toBe('requestAuth');
    expect(await refusal(good, [])).toBe('noGateway');
    expect(await hubs.topology(one)).toEqual([]);
    expect(await hubs.topology(good)).toBe('noGateway');
  });

  it('never holds a device of another account', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one } = hubs;
    const { accountId } = await createAccount(world.deps, 'stranger');
    const foreign = await resolveScope(world.engine.read, accountId, undefined);
    const { key } = await createProduct(world.deps, foreign, { name: 'theirs', nodeType: 0 });
    const theirs = await world.devices(['sub-1'], { productKey: key });
    expect(error(await hubs.ask(one, { op: 'topoAdd', claims: hubs.claims(theirs) }))).toBe('deviceNotFound');
    expect(error(await hubs.login(one, theirs))).toBe('deviceNotFound');
    await switchDynamicRegistration(world.deps, key, true);
    expect(error(await hubs.ask(one, { op: 'subRegister', devices: theirs.map(hubs.namesOf) }))).toBe('deviceNotFound');
  });

  it('is full with 2,000, however many ask at the same time', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one, claims, ask } = hubs;
    const rows = (await world.devices(1_998)).map(({ deviceId }) => ({
      device_id: deviceId,
      gateway_id: one.deviceId,
      added_at: 1,
    }));
    await world.engine.transaction((tx) => tx.bulkInsert('topology', rows));
    const more = await world.devices(4);
    const outcomes = await Promise.all(more.map((device) => ask(one, { op: 'topoAdd', claims: claims([device]) })));
    expect(outcomes.map(error).sort()).toEqual(['none', 'none', 'tooManySubDevices', 'tooManySubDevices']);
    expect(await hubs.topology(one)).toHaveLength(2_000);
  });

  it('is lost by ResetThing, of the device and of the gateway, and by deleting either', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one, two } = hubs;
    const { deps, scope, productKey } = world;
    const devices = await world.devices(['sub-1', 'sub-2', 'sub-3']);
    const [first, second] = devices as [DeviceRef, DeviceRef];
    await hubs.add(one, devices);
    world.nudges.length = 0;
    await resetDevice(deps, scope, { id: first.deviceId });
    const removed = (deviceName: string) => ({ gatewayId: one.deviceId, change: 'removed', productKey, deviceName });
    expect(changesOf(world)).toEqual([{ kind: 'topology', changes: [removed('sub-1')] }]);
    await resetDevice(deps, scope, { id: one.deviceId });
    expect(changesOf(world)[1]).toEqual({ kind: 'topology', changes: [removed('sub-2'), removed('sub-3')] });
    expect(await hubs.topology(one)).toEqual([]);
    await hubs.add(two, devices);
    await deleteDevice(deps, scope, { id: second.deviceId });
    expect(await hubs.topology(two)).toEqual(['sub-1', 'sub-3']);
    await deleteDevice(deps, scope, { id: two.deviceId });
    expect(await world.engine.read.selectFrom('topology').selectAll().execute()).toEqual([]);
    expect(error(await hubs.login(two, [first]))).toBe('deviceNotFound');
  });
});

eachEngine('a login through a gateway', (database) => {
  it('needs the signature of the device, over its id as it is', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one } = hubs;
    const devices = await world.devices(['sub-1', 'sub-2']);
    await hubs.add(one, devices);
    expect(await hubs.login(one, devices)).toEqual({ ok: true, data: devices });
    for (const wrong of [
      { secret: 'x' },
      { sign: '' },
      { clientId: 'x' },
      { clientId: undefined },
      { timestamp: '1' },
    ]) {
      expect(error(await hubs.login(one, devices, wrong))).toBe('invalidSign');
    }
    await disable(world.deps, world.scope, { id: devices[1]?.deviceId });
    expect(await hubs.login(one, devices)).toMatchObject({
      ok: false,
      error: 'deviceDisabled',
      devices: [{ deviceName: 'sub-2' }],
    });
  });

  it('makes the device ONLINE and active; its end, or that of the node, makes it OFFLINE', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one } = hubs;
    const [sub] = (await world.devices(['sub-1'], { activated: false })) as [DeviceRef];
    const status = async () => (await getDevice(world.deps, world.scope, { id: sub.deviceId })).status;
    await keepNodeAlive(world.deps, 'node-1');
    await world.connect(one, 'c1');
    await world.connect(sub, 'c1.1');
    expect(await status()).toBe('ONLINE');
    await world.node.disconnected(sub, 'c1.1');
    expect(await status()).toBe('OFFLINE');
    await world.connect(sub, 'c1.2');
    await world.clock.advance(NODE_LEASE_MS);
    await buryDeadNodes(world.deps);
    expect(await status()).toBe('OFFLINE');
  });

  it('tells the gateway of a device that is disabled, enabled, deleted', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one } = hubs;
    const { deps, scope } = world;
    const [sub] = (await world.devices(['sub-1'])) as [DeviceRef];
    await hubs.add(one, [sub]);
    world.nudges.length = 0;
    const id = { id: sub.deviceId };
    await disable(deps, scope, id);
    await enable(deps, scope, id);
    await enable(deps, scope, id);
    await deleteDevice(deps, scope, id);
    const said = world.nudges.flatMap((nudge) =>
      nudge.kind === 'topology' ? nudge.changes.map(({ change, gatewayId }) => `${change} ${gatewayId}`) : nudge.kind,
    );
    expect(said).toEqual([
      `disabled ${one.deviceId}`,
      'kick',
      `enabled ${one.deviceId}`,
      `deleted ${one.deviceId}`,
      'kick',
    ]);
  });

  it('carries a whole update: report, push, progress, the new version', async () => {
    const hubs = await createGatewayWorld(database);
    const { world, one } = hubs;
    const [sub] = (await world.devices(['sub-1'])) as [DeviceRef];
    await hubs.add(one, [sub]);
    await world.connect(sub, 'c1.1');
    const jobId = await world.job({ devices: [sub] });
    await world.inform(sub, OLD);
    expect((await world.task(jobId, sub)).status).toBe('NOTIFIED');
    await world.progress(sub, 50);
    await world.inform(sub, NEW);
    expect((await world.task(jobId, sub)).status).toBe('SUCCEEDED');
  });
});

eachEngine('registration through a gateway', (database) => {
  async function registering() {
    const hubs = await createGatewayWorld(database);
    const { world } = hubs;
    const { deps, scope, productKey } = world;
    await switchDynamicRegistration(deps, productKey, true);
    const { secret } = await getProduct(deps, scope, productKey);
    const proxied = (deviceName: string, productSecret = secret) => {
      const claim = { productKey, deviceName, random: 'r', method: 'hmacsha256' as const };
      return {
        productKey,
        deviceName,
        claim: { ...claim, sign: registrationSignature('hmacsha256', productSecret, claim) },
      };
    };
    const secretOf = async (device: DeviceRef) =>
      (await getDeviceWithSecret(deps, scope, { id: device.deviceId })).secret;
    return { ...hubs, proxied, secretOf };
  }

  it('gives secrets of devices that have not connected, in the order asked, all or none', async () => {
    const { world, one, ask, namesOf, secretOf } = await registering();
    const devices = (await world.devices(['sub-2', 'sub-1'], { activated: false })) as [DeviceRef, DeviceRef];
    const request = { op: 'subRegister', devices: devices.map(namesOf) };
    const outcome = await ask(one, request);
    expect(outcome).toEqual({
      ok: true,
      data: [
        { ...namesOf(devices[0]), iotId: devices[0].deviceId, deviceSecret: await secretOf(devices[0]) },
        { ...namesOf(devices[1]), iotId: devices[1].deviceId, deviceSecret: await secretOf(devices[1]) },
      ],
    });
    const before = await secretOf(devices[0]);
    const nobody = { productKey: world.productKey, deviceName: 'nobody' };
    expect(await ask(one, { op: 'subRegister', devices: [...request.devices, nobody] })).toEqual({
      ok: false,
      error: 'deviceNotFound',
      devices: [nobody],
    });
    expect(await secretOf(devices[0])).toBe(before);
  });

  it('gives no secret of another gateway, nor of itself', async () => {
    const { world, one, gatewayKey, ask, namesOf } = await registering();
    await switchDynamicRegistration(world.deps, gatewayKey, true);
    const [fresh] = (await world.devices(['hub-3'], { productKey: gatewayKey, activated: false })) as [DeviceRef];
    for (const device of [fresh, one]) {
      expect(error(await ask(one, { op: 'subRegister', devices: [namesOf(device)] }))).toBe('badRequest');
    }
    const { secret } = await getProduct(world.deps, world.scope, gatewayKey);
    const claim = { ...namesOf(fresh), random: 'r', method: 'hmacsha256' } as const;
    const sign = registrationSignature('hmacsha256', secret, claim);
    const proxieds = [{ ...namesOf(fresh), claim: { ...claim, sign } }];
    expect(await ask(one, { op: 'productRegister', proxieds })).toMatchObject({
      data: { successes: [], failures: [{ deviceName: 'hub-3', code: 460 }] },
    });
  });

  it('gives an active device behind this gateway the secret that it has; others are refused', async () => {
    const { world, one, two, ask, claims, namesOf } = await registering();
    const devices = (await world.devices(['sub-1', 'sub-2'])) as [DeviceRef, DeviceRef];
    const outcome = await ask(one, { op: 'topoAdd', claims: claims([devices[0]]) });
    expect(outcome.ok).toBe(true);
    const register = (gateway: DeviceRef, device: DeviceRef) =>
      ask(gateway, { op: 'subRegister', devices: [namesOf(device)] });
    expect(await register(one, devices[0])).toMatchObject({ ok: true, data: [{ deviceSecret: 'secret' }] });
    expect(error(await register(two, devices[0]))).toBe('boundElsewhere');
    expect(error(await register(one, devices[1]))).toBe('alreadyActive');
    await world.clock.advance(MINUTE);
    await resetDevice(world.deps, world.scope, { id: devices[1].deviceId });
    expect((await register(one, devices[1])).ok).toBe(true);
    await switchDynamicRegistration(world.deps, world.productKey, false);
    expect(error(await register(one, devices[0]))).toBe('registrationOff');
  });

  it('by the secret of the product judges each device by itself', async () => {
    const { world, one, ask, proxied, secretOf } = await registering();
    const devices = (await world.devices(['sub-1', 'sub-2'], { activated: false })) as [DeviceRef, DeviceRef];
    const malformed = { productKey: world.productKey, deviceName: 'sub-3', claim: undefined };
    const proxieds = [proxied('sub-1'), proxied('sub-2', 'x'), proxied('nobody'), malformed];
    const failure = (deviceName: string, code: number, message: string) => ({
      productKey: world.productKey,
      deviceName,
      code,
      message,
    });
    const outcome = await ask(one, { op: 'productRegister', proxieds });
    expect(outcome).toEqual({
      ok: true,
      data: {
        successes: [
          {
            iotId: devices[0].deviceId,
            productKey: world.productKey,
            deviceName: 'sub-1',
            deviceSecret: await secretOf(devices[0]),
          },
        ],
        failures: [
          failure('sub-2', 6287, 'invalid sign'),
          failure('nobody', 6100, 'device not found'),
          failure('sub-3', 460, 'request parameter error'),
        ],
      },
    });
    expect(await secretOf(devices[1])).toBe('secret');
  });
});
