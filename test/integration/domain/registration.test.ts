import { expect, it } from 'vitest';
import { createDeviceServices } from '../../../src/domain/create-device-services.ts';
import { resetDevice } from '../../../src/domain/device-reset.ts';
import { disable } from '../../../src/domain/device-states.ts';
import { getDeviceWithSecret, registerDevice } from '../../../src/domain/devices.ts';
import { registerDynamically, switchDynamicRegistration } from '../../../src/domain/dynamic-registration.ts';
import { getProduct } from '../../../src/domain/products.ts';
import { makeConnect, parseConnect } from '../../../src/wire/mqtt-connect.ts';
import { type Credentials, type RegistrationKind, registrationSignature } from '../../../src/wire/registration.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { createWorld, MINUTE } from './world.ts';

type Given<K extends RegistrationKind> = Extract<Credentials, { kind: K }>;

async function registrationWorld(database: TestDatabase, limits: { devicesPerProduct?: number } = {}) {
  const world = await createWorld(database, limits);
  const { deps, scope, productKey } = world;
  await switchDynamicRegistration(deps, productKey, true);
  const { secret } = await getProduct(deps, scope, productKey);
  const attempt = (
    kind: RegistrationKind,
    deviceName: string,
    changes: { secret?: string; productKey?: string } = {},
  ) => {
    const claim = { productKey: changes.productKey ?? productKey, deviceName, random: 'r' };
    const sign = registrationSignature('hmacsha1', changes.secret ?? secret, claim);
    return registerDynamically(deps, kind, { ...claim, method: 'hmacsha1', sign });
  };
  return {
    world,
    attempt,
    async register<K extends RegistrationKind>(kind: K, deviceName: string): Promise<Given<K>> {
      const outcome = await attempt(kind, deviceName);
      if (!outcome.ok) throw new Error(outcome.error);
      return outcome.credentials as Given<K>;
    },
    async error(...words: Parameters<typeof attempt>): Promise<string> {
      const outcome = await attempt(...words);
      return outcome.ok ? 'none' : outcome.error;
    },
    login(deviceName: string, deviceSecret: string) {
      const { clientId, username, password } = makeConnect({ productKey, deviceName, deviceSecret });
      return world.node.login(
        parseConnect(clientId, username, password) as NonNullable<ReturnType<typeof parseConnect>>,
        '192.0.2.1',
      );
    },
    loginByToken(deviceName: string, clientId: string, token: string) {
      const id = `${clientId}|authType=connwl,securemode=-2,_ss=1,ext=3,_v=sdk-c-4.1.0|`;
      const claim = parseConnect(id, `${deviceName}&${productKey}`, token);
      return world.node.login(claim as NonNullable<typeof claim>, '192.0.2.1');
    },
  };
}

eachEngine('a device that exists', (database) => {
  it('registers as often as it likes, and the last secret counts', async () => {
    const { world, register, login } = await registrationWorld(database);
    const made = await registerDevice(world.deps, world.scope, { productKey: world.productKey, name: 'dev-one' });
    const first = await register('register', 'dev-one');
    const second = await register('register', 'dev-one');
    expect(new Set([made.secret, first.deviceSecret, second.deviceSecret]).size).toBe(3);
    expect(second).toEqual({
      kind: 'register',
      productKey: world.productKey,
      deviceName: 'dev-one',
      deviceSecret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    });
    expect((await login('dev-one', made.secret)).ok).toBe(false);
    expect((await login('dev-one', first.deviceSecret)).ok).toBe(false);
    expect((await login('dev-one', second.deviceSecret)).ok).toBe(true);
    expect((await getDeviceWithSecret(world.deps, world.scope, { id: made.id })).secret).toBe(second.deviceSecret);
  });

  it('is refused once it has connected, until it is reset, and after that until it connects again', async () => {
    const { world, register, error } = await registrationWorld(database);
    const { deps, scope, clock } = world;
    const [device] = await world.devices(['dev-one'], { activated: false });
    if (!device) throw new Error('no device');
    await register('register', 'dev-one');
    await world.connect(device, 'c1');
    await clock.advance(MINUTE);
    expect(await error('register', 'dev-one')).toBe('alreadyActive');
    expect(await error('regnwl', 'dev-one')).toBe('alreadyActive');

    await resetDevice(deps, scope, { id: device.deviceId });
    await register('register', 'dev-one');
    world.nudges.length = 0;
    await register('register', 'dev-one');
    // whoever is connected with the old secret is not any more
    expect(world.nudges).toEqual([{ kind: 'kick', deviceIds: [device.deviceId] }]);
    await clock.advance(MINUTE);
    await world.connect(device, 'c2');
    expect(await error('register', 'dev-one')).toBe('alreadyActive');
  });

  it('is refused while it is disabled, and while the product does not allow it', async () => {
    const { world, error } = await registrationWorld(database);
    const { deps, scope, productKey } = world;
    const [device] = await world.devices(['dev-one'], { activated: false });
    await switchDynamicRegistration(deps, productKey, false);
    expect(await error('register', 'dev-one')).toBe('registrationOff');
    expect(await error('regnwl', 'dev-two')).toBe('registrationOff');
    await switchDynamicRegistration(deps, productKey, true);
    await disable(deps, scope, { id: device?.deviceId });
    expect(await error('register', 'dev-one')).toBe('deviceDisabled');
  });

  it('is refused with a wrong signature as if its product did not exist, whatever the switch says', async () => {
    const { world, error } = await registrationWorld(database);
    await world.devices(['dev-one'], { activated: false });
    expect(await error('register', 'dev-one', { secret: 'x' })).toBe('invalidSign');
    expect(await error('register', 'dev-one', { productKey: 'a1000000000' })).toBe('invalidSign');
    expect(await error('register', 'no\0name')).toBe('invalidSign');
    await switchDynamicRegistration(world.deps, world.productKey, false);
    expect(await error('register', 'dev-one', { secret: 'x' })).toBe('invalidSign');
  });
});

eachEngine('a device that nobody has registered', (database) => {
  it('is refused by register and made by regnwl, which gives it a token to log in with', async () => {
    const { world, register, error, loginByToken, login } = await registrationWorld(database);
    expect(await error('register', 'dev-new')).toBe('deviceNotFound');
    const first = await register('regnwl', 'dev-new');
    const { clientId, deviceToken } = await register('regnwl', 'dev-new');
    expect(clientId.length).toBeLessThanOrEqual(64);
    expect((await loginByToken('dev-new', first.clientId, first.deviceToken)).ok).toBe(false);
    expect((await loginByToken('dev-new', clientId, first.deviceToken)).ok).toBe(false);
    expect((await loginByToken('dev-new', first.clientId, deviceToken)).ok).toBe(false);
    expect((await loginByToken('dev-new', clientId, '')).ok).toBe(false);
    // a token is no secret to sign with
    expect((await login('dev-new', deviceToken)).ok).toBe(false);
    const outcome = await loginByToken('dev-new', clientId, deviceToken);
    if (!outcome.ok) throw new Error(outcome.detail);
    await world.connect(outcome.device);
    expect(await error('regnwl', 'dev-new')).toBe('alreadyActive');
    const { device_count } = await world.engine.read.selectFrom('product').selectAll().executeTakeFirstOrThrow();
    expect(device_count).toBe(1);
  });

  it('loses its token when it registers for a secret, and the other way round', async () => {
    const { register, loginByToken, login } = await registrationWorld(database);
    const token = await register('regnwl', 'dev-new');
    const secret = await register('register', 'dev-new');
    expect((await loginByToken('dev-new', token.clientId, token.deviceToken)).ok).toBe(false);
    expect((await login('dev-new', secret.deviceSecret)).ok).toBe(true);
    await register('regnwl', 'dev-new');
    expect((await login('dev-new', secret.deviceSecret)).ok).toBe(false);
  });

  it('keeps neither secret nor token in clear', async () => {
    const { world, register } = await registrationWorld(database);
    const { deviceToken } = await register('regnwl', 'dev-new');
    const { deviceSecret } = await register('register', 'dev-new');
    await register('regnwl', 'dev-new');
    const rows = JSON.stringify([
      await world.engine.read.selectFrom('device').selectAll().execute(),
      await world.engine.read.selectFrom('device_enrolment').selectAll().execute(),
    ]);
    expect(rows).not.toContain(deviceToken);
    expect(rows).not.toContain(deviceSecret);
  });

  it('is made once when it registers twice at the same time, on two nodes', async () => {
    const { world, attempt } = await registrationWorld(database);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => attempt('regnwl', 'dev-new')));
    expect(outcomes.map(({ ok }) => ok)).toEqual(Array.from({ length: 6 }, () => true));
    expect(await world.engine.read.selectFrom('device').select('name').execute()).toEqual([{ name: 'dev-new' }]);
  });

  it('is not made when the product is full', async () => {
    const { world, error } = await registrationWorld(database, { devicesPerProduct: 1 });
    expect(await error('regnwl', 'dev-one')).toBe('none');
    expect(await error('regnwl', 'dev-two')).toBe('tooManyDevices');
    expect(await world.engine.read.selectFrom('device').select('name').execute()).toHaveLength(1);
  });
});

eachEngine('a registered device', (database) => {
  it('is known to a node that starts later', async () => {
    const { world, register } = await registrationWorld(database);
    const { clientId, deviceToken } = await register('regnwl', 'dev-new');
    const other = createDeviceServices({ ...world.deps, engine: await database.open() }, 'node-2');
    const claim = parseConnect(`${clientId}|authType=connwl|`, `dev-new&${world.productKey}`, deviceToken);
    expect((await other.login(claim as NonNullable<typeof claim>, '192.0.2.1')).ok).toBe(true);
  });
});
