import { expect, it } from 'vitest';
import { actions } from '../../src/contract/index.ts';
import type { Answer } from '../../src/http/answer.ts';
import { eachEngine } from '../support/engines.ts';
import { type ApiWorld, createApiWorld } from './api-world.ts';
import { stories } from './stories.ts';

const changing = new Set(actions.filter((action) => action.changes !== false).map((action) => action.name as string));

/** Members of an answer that are ids of what came into being. */
const IDS = /"(?:ProductKey|IotId|GroupId|FirmwareId|JobId|ApplyId|WebhookId|EventId|Key)":"?([\w/.]+)/;

const found = (answer: Answer, name: string) => new RegExp(`"${name}":"([^"]+)"`).exec(answer.body)?.[1];

eachEngine('every call of the golden stories', (database) => {
  it.each(Object.entries(stories))(
    'of %s leaves exactly one record if it would change something, and none otherwise',
    async (_, tell) => {
      const called = { all: new Set<string>(), succeeded: new Set<string>() };
      await tell(watch(await createApiWorld(database, 'JSON'), called), () => {});
      expect([...called.succeeded].sort()).toEqual([...called.all].filter((action) => changing.has(action)).sort());
    },
  );
});

/** Holds the record of each call against what it did. @param called is added all operations, and those that changed something */
function watch(world: ApiWorld, called: Record<'all' | 'succeeded', Set<string>>): ApiWorld {
  let records = 0;
  return {
    ...world,
    async call(action, parameters, options) {
      called.all.add(action);
      const answer = await world.call(action, parameters, options);
      const audit = world.engine.read.selectFrom('audit');
      const { count } = await audit.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
      const requestId = found(answer, 'RequestId') ?? '';
      const last = await audit.selectAll().where('request_id', '=', requestId).executeTakeFirst();
      const isGood = answer.body.includes('"Success":true');
      if (count === records) {
        expect(changing.has(action), `${action} left no record`).toBe(false);
        return answer;
      }
      records += 1;
      expect(count, `${action} left more than one record`).toBe(records);
      expect(changing.has(action), action).toBe(true);
      const { accessKeyId } = options?.as ?? world.keys.root;
      expect(last).toMatchObject({ action, access_key_id: accessKeyId, at: world.clock.now() });
      expect(last?.result).toBe(isGood ? 'Success' : found(answer, 'Code'));
      expect(JSON.stringify(last)).not.toContain(options?.as?.accessKeySecret ?? world.keys.root.accessKeySecret);
      const secret =
        found(answer, 'DeviceSecret') ??
        found(answer, 'ProductSecret') ??
        found(answer, 'AccessKeySecret') ??
        found(answer, 'Signature') ??
        found(answer, 'Secret');
      if (secret) expect(JSON.stringify(last)).not.toContain(secret);
      if (isGood) {
        called.succeeded.add(action);
        const made = IDS.exec(answer.body)?.[1];
        if (made) expect(`${last?.target}${last?.made}`, `${action} does not say what it made`).toContain(made);
      }
      return answer;
    },
  };
}

eachEngine('the record of a call', (database) => {
  it('names the user, says why the call was refused, and is not made for a stranger to the key', async () => {
    const world = await createApiWorld(database, 'JSON');
    const { powerless } = world.keys;
    const target = { ProductKey: 'a1Unknown01', DeviceName: 'lamp-1', Props: '{"secret":"x"}' };
    const recorded = () => world.engine.read.selectFrom('audit').selectAll().orderBy('at', 'desc').execute();

    await world.call('SaveDeviceProp', target, { secret: 'wrong' });
    await world.call('SaveDeviceProp', target, { common: { Signature: undefined } });
    await world.call('SaveDeviceProp', target, { common: { Version: '2017-04-20' } });
    await world.call('NoSuchAction', target);
    expect(await recorded()).toEqual([]);

    const denied = await world.call('SaveDeviceProp', target, { as: powerless });
    expect(await recorded()).toMatchObject([
      {
        request_id: found(denied, 'RequestId'),
        source: 'api',
        user_name: 'powerless',
        access_key_id: powerless.accessKeyId,
        address: '192.0.2.7',
        target: '{"DeviceName":"lamp-1","ProductKey":"a1Unknown01"}',
        made: '[]',
        result: 'iot.common.RamActionPermissionDeny',
      },
    ]);
    await world.call('SaveDeviceProp', { DeviceName: 'lamp-1' });
    await world.call('DeleteProduct', { ProductKey: 'a1Unknown01', IotInstanceId: 'iot-nothing' });
    expect((await recorded()).map(({ result }) => result)).toEqual([
      'iot.Sre.IotInstanceNotFound',
      'MissingProps',
      'iot.common.RamActionPermissionDeny',
    ]);
  });
});
