import { expect, it, vi } from 'vitest';
import { cancelTasksOfJob } from '../../../src/domain/cancel.ts';
import type { DeviceRef } from '../../../src/domain/device-services.ts';
import {
  EVENT_KEPT_MS,
  replayEnded,
  replayEvents,
  sweepEvents,
  webhookConsumer,
} from '../../../src/domain/event-deliveries.ts';
import { emit } from '../../../src/domain/events.ts';
import { type Failure, textOf } from '../../../src/domain/failure.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { claimAttempts } from '../../../src/domain/webhook-attempts.ts';
import { pageOfDeliveries, replaySome } from '../../../src/domain/webhook-log.ts';
import {
  addWebhook,
  changeWebhook,
  queueTest,
  removeWebhook,
  rotateWebhook,
  testMessage,
} from '../../../src/domain/webhooks.ts';
import type { AllowedTargets } from '../../../src/events-out/address-guard.ts';
import { createWebhookSender } from '../../../src/events-out/webhook-sender.ts';
import { startWebhooks } from '../../../src/events-out/webhooks.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { countDue, listDeliveries } from '../../../src/store/queries/event-deliveries.ts';
import { findWebhook } from '../../../src/store/queries/webhooks.ts';
import { jobUpdatedEvent } from '../../../src/wire/event-messages.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, HOUR, MINUTE, NEW, reopen, type World } from '../domain/world.ts';
import { type Received, type Receiver, startReceiver, verify } from './receiver.ts';

const loopback: AllowedTargets = { hosts: [], subnets: [{ address: '127.0.0.1', prefix: 32 }] };
const SECOND = 1_000;

/** The adapter of one node. */
async function start(world: World, { allow = loopback } = {}) {
  const warnings: object[] = [];
  const errors: object[] = [];
  const log = {
    ...silentLog,
    warn: (fields: object) => void warnings.push(fields),
    error: (fields: object) => void errors.push(fields),
  };
  const send = createWebhookSender({ clock: world.clock, allow });
  const running = await startWebhooks({ ...world.deps, log, send });
  return {
    warnings,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      expect(errors).toEqual([]);
    },
  };
}

const add = (world: World, { url }: { readonly url: string }, types = ['*'], products: string[] = []) =>
  addWebhook(world.deps, world.scope, { url, types, products, description: '' });

let jobs = 0;
/** Causes events; each is of a job of its own. */
async function cause(world: World, count = 1, productKey = world.productKey): Promise<string[]> {
  const ids = Array.from({ length: count }, () => `job${(jobs += 1)}`);
  const of = (jobId: string) => ({ productKey, firmwareId: 'f1', jobId, module: 'default' });
  await world.engine.transaction((tx) =>
    emit(
      tx,
      world.deps,
      ids.map((id) => jobUpdatedEvent(of(id), 'COMPLETED', world.clock.now())),
    ),
  );
  return ids;
}

const jobIds = ({ received }: Receiver) =>
  received.map(({ body }) => JSON.parse(body).data.payload.jobId as string).sort();
const log = (world: World, id: string) => listDeliveries(world.engine.read, webhookConsumer(id), { limit: 1_000 });
const states = async (world: World, id: string) => (await log(world, id)).map(({ state }) => state);
/** Lets what is real (sockets, the database) come to this, while the time goes on slowly. */
const eventually = (world: World, check: () => unknown, step = 20) =>
  vi.waitFor(
    async () => {
      await world.clock.advance(step);
      await check();
    },
    { timeout: 20_000, interval: 5 },
  );

/** A claim lasts half a minute. */
const isUnderWay = (row: { readonly due_at: number | null; readonly modified_at: number }) =>
  row.due_at !== null && row.due_at - row.modified_at === 30 * SECOND;

/** Waits until no attempt is under way that a leap of the clock would make too late. */
const atRest = (world: World, id: string) =>
  eventually(world, async () => expect((await log(world, id)).filter(isUnderWay)).toEqual([]));

/**
 * Lets the time go by. It leaps to where an attempt comes due and no further before that has ended, so that none is too
 * late only because sockets and the database take their time.
 */
async function pass(world: World, id: string, ms: number) {
  const end = world.clock.now() + ms;
  for (;;) {
    await eventually(
      world,
      async () => {
        for (const row of await log(world, id)) {
          expect(isUnderWay(row)).toBe(false);
          expect(row.due_at ?? Infinity).toBeGreaterThan(world.clock.now());
        }
      },
      100,
    );
    const now = world.clock.now();
    if (now >= end) return;
    const coming = (await log(world, id)).map(({ due_at }) => due_at ?? Infinity);
    await world.clock.advance(Math.min(end, ...coming) - now);
  }
}

/** Waits until every delivery has been tried so often. */
async function tried(world: World, id: string, attempts: number) {
  await eventually(world, async () => {
    for (const row of await log(world, id)) {
      expect(row).toMatchObject({ attempts });
      expect(row.note).not.toBe('');
      expect(isUnderWay(row)).toBe(false);
    }
  });
}

eachEngine('a webhook', (database) => {
  it('tells a stock receiver that a task of a rollout succeeded', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { secret } = await add(world, receiver, ['ota.task.*']);
    await using _ = await start(world);
    const [device] = (await world.devices(1)) as [DeviceRef];
    const jobId = await world.job();
    await world.connect(device);
    await world.node.claim([device], 'fresh');
    await world.inform(device, NEW);
    await eventually(world, () => expect(receiver.received).toHaveLength(1));
    const [request] = receiver.received as [Receiver['received'][number]];
    expect(request.path).toBe('/hook?token=1');
    expect(request.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'user-agent': 'otaru' });
    expect(verify(secret, request, world.clock.now())).toEqual({
      type: 'ota.task.succeeded',
      timestamp: '2030-01-01T00:00:00.000Z',
      data: {
        topic: `/${world.productKey}/${device.deviceName}/ota/upgrade`,
        payload: expect.objectContaining({ status: 'SUCCEEDED', jobId, destVersion: NEW }),
      },
    });
  });

  it('hears of the types and products it asks for only, of its own instance', async () => {
    const world = await createWorld(database);
    const { key: other } = await createProduct(world.deps, world.scope, { name: 'other', nodeType: 0 });
    await using receiver = await startReceiver();
    await add(world, receiver, ['ota.job.*'], [other]);
    await using _ = await start(world);
    await world.devices(1);
    const job = await world.job();
    await cancelTasksOfJob(world.deps, world.scope, job, { queued: true } as never);
    await cause(world);
    const wanted = await cause(world, 1, other);
    await eventually(world, () => expect(receiver.received.length).toBeGreaterThan(0));
    expect(jobIds(receiver)).toEqual(wanted);
  });

  it('is tried ten times by the table, then given up, and told again on demand', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer(500);
    const { webhookId, secret } = await add(world, receiver);
    await using node = await start(world);
    const [jobId] = await cause(world);
    const waits = [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)];
    for (const [index, wait] of waits.entries()) {
      await world.clock.advance(Math.max(0, wait - SECOND));
      expect(receiver.received).toHaveLength(index);
      await world.clock.advance(wait / 5 + 3 * SECOND);
      await eventually(world, () => expect(receiver.received).toHaveLength(index + 1));
      await tried(world, webhookId, index + 1);
      verify(secret, receiver.received[index] as Receiver['received'][number], world.clock.now());
    }
    expect(await log(world, webhookId)).toMatchObject([{ state: 'dead', due_at: null, note: 'answered 500' }]);
    expect(node.warnings).toContainEqual(expect.objectContaining({ webhookId, why: 'answered 500' }));
    await world.clock.advance(48 * HOUR);
    expect(receiver.received).toHaveLength(10);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toHaveProperty('size', 1);

    receiver.answer(200);
    await changeWebhook(world.deps, webhookId, { enabled: true });
    expect(await replayEnded(world.deps, webhookConsumer(webhookId), 'dead')).toMatchObject({
      total: 1,
      hasMore: false,
    });
    await eventually(world, async () => expect(await states(world, webhookId)).toEqual(['done']));
    expect(receiver.received).toHaveLength(11);
    // one that was delivered, by its id
    const [{ event_id = '' } = {}] = await log(world, webhookId);
    expect(await replayEvents(world.deps, webhookConsumer(webhookId), [event_id])).toBe(1);
    await eventually(world, () => expect(receiver.received).toHaveLength(12));
    expect(new Set(jobIds(receiver))).toEqual(new Set([jobId]));
  });

  it('loses nothing while its receiver is down for an hour and the server is restarted', async () => {
    const world = await createWorld(database);
    const receiver = await startReceiver();
    const { webhookId } = await add(world, receiver);
    await receiver[Symbol.asyncDispose]();
    const caused: string[] = [];
    {
      await using _ = await start(world);
      for (let minute = 0; minute < 60; minute += 10) {
        caused.push(...(await cause(world, 5)));
        await pass(world, webhookId, 10 * MINUTE);
      }
    }
    for (const row of await log(world, webhookId)) {
      expect(row).toMatchObject({ state: 'due', note: 'the connection was refused' });
    }
    caused.push(...(await cause(world, 5)));
    await using back = await startReceiver(receiver.port);
    const restarted = await reopen(world, database);
    await using _ = await start(restarted);
    // the fifth attempt, of those that have failed most, is two hours and their jitter after the fourth
    await pass(world, webhookId, 3 * HOUR);
    expect(new Set(await states(world, webhookId))).toEqual(new Set(['done']));
    expect([...new Set(jobIds(back))].sort()).toEqual(caused.sort());
  });

  it('is sent again by another node when one dies in mid-delivery, and not before', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { webhookId } = await add(world, receiver);
    const caused = await cause(world);
    // the node that claims here is never heard of again
    expect((await claimAttempts(world.deps, webhookId, 8))?.messages).toHaveLength(1);
    await using _ = await start(await reopen(world, database));
    await world.clock.advance(28 * SECOND);
    expect(receiver.received).toEqual([]);
    await world.clock.advance(5 * SECOND);
    await eventually(world, () => expect(jobIds(receiver)).toEqual(caused));
    await tried(world, webhookId, 2);
  });

  it('gets each event once from two nodes, at most eight at a time from each', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { webhookId } = await add(world, receiver);
    await using _a = await start(world);
    await using _b = await start(await reopen(world, database));
    const caused = await cause(world, 300);
    await eventually(world, async () => {
      expect(receiver.received.length).toBeGreaterThanOrEqual(300);
      expect(new Set(await states(world, webhookId))).toEqual(new Set(['done']));
    });
    expect(jobIds(receiver)).toEqual(caused.sort());
    expect(receiver.mostAtOnce).toBeLessThanOrEqual(16);
  });

  it('that hangs holds up no other, and fails after 15 seconds', async () => {
    const world = await createWorld(database);
    await using slow = await startReceiver();
    await using quick = await startReceiver();
    slow.answer(() => {});
    const { webhookId } = await add(world, slow);
    await add(world, quick);
    await using _ = await start(world);
    const caused = await cause(world, 50);
    await eventually(world, () => expect(jobIds(quick)).toEqual([...caused].sort()));
    await eventually(world, () => expect(slow.open).toBe(8));
    await world.clock.advance(15 * SECOND);
    await eventually(world, async () => {
      const notes = (await log(world, webhookId)).map(({ note }) => note);
      expect(notes.filter((note) => note === 'no answer within 15 s')).toHaveLength(8);
    });
    // having failed so often it is tried with one at a time
    await eventually(world, () => expect(slow.open).toBe(1));
    slow.answer(200);
    await world.clock.advance(HOUR);
  });

  it('is left alone for as long as it asks, and switched off when it says it is gone', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer(429, { 'retry-after': '120' });
    const { webhookId } = await add(world, receiver);
    await using node = await start(world);
    await cause(world);
    await tried(world, webhookId, 1);
    await cause(world);
    await world.clock.advance(118 * SECOND);
    expect(receiver.received).toHaveLength(1);
    receiver.answer(410);
    await world.clock.advance(5 * SECOND);
    await eventually(world, () => expect(node.warnings).toEqual([{ webhookId, why: 'the receiver answered 410' }]));
    await atRest(world, webhookId);
    expect(receiver.received.length).toBeLessThanOrEqual(3);
    const found = receiver.received.length;
    await cause(world);
    await world.clock.advance(2 * HOUR);
    expect(receiver.received).toHaveLength(found);
    expect(await states(world, webhookId)).toEqual(['due', 'due']);
    expect(await findWebhook(world.engine.read, webhookId)).toMatchObject({
      disabled_why: 'the receiver answered 410',
    });

    receiver.answer(200);
    await changeWebhook(world.deps, webhookId, { enabled: true });
    await cause(world);
    await eventually(world, async () => expect(await states(world, webhookId)).toEqual(['done', 'done', 'done']));
  });

  it('is switched off after five days without a success', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer(503);
    const { webhookId } = await add(world, receiver);
    await using node = await start(world);
    const isOff = async () => (await findWebhook(world.engine.read, webhookId))?.disabled_at !== null;
    for (let day = 0; day < 5; day += 1) {
      await cause(world);
      await pass(world, webhookId, 23 * HOUR);
      expect(await isOff()).toBe(false);
      await world.clock.advance(HOUR);
    }
    await cause(world);
    await eventually(world, async () => expect(await isOff()).toBe(true));
    expect(node.warnings).toContainEqual({ webhookId, why: 'nothing was delivered for 5 days' });
  });

  it('does not follow a redirect', async () => {
    const world = await createWorld(database);
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver();
    receiver.answer(307, { location: elsewhere.url });
    const { webhookId } = await add(world, receiver);
    await using _ = await start(world);
    await cause(world);
    await tried(world, webhookId, 1);
    expect(await log(world, webhookId)).toMatchObject([{ note: 'answered 307; redirects are not followed' }]);
    expect(elsewhere.received).toEqual([]);
  });

  it('reaches no private address, by whatever name, unless it is allowed', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const hosts = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433'];
    const ids: string[] = [];
    for (const host of hosts) {
      ids.push((await add(world, { url: `http://${host}:${receiver.port}/` })).webhookId);
    }
    {
      await using _ = await start(world, { allow: { hosts: [], subnets: [] } });
      await cause(world);
      for (const id of ids) {
        await tried(world, id, 1);
        const [{ note = '' } = {}] = await log(world, id);
        expect(note).toMatch(/^the address \S+ is not public and OTARU_WEBHOOK_ALLOW does not name it$/);
      }
    }
    expect(receiver.received).toEqual([]);
    await using _ = await start(world, { allow: { hosts: ['localhost'], subnets: [] } });
    await world.clock.advance(10 * SECOND);
    await eventually(world, () => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]?.headers.host).toBe(`localhost:${receiver.port}`);
  });

  it('takes 2xx for success however the body goes on', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer((response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    const { webhookId } = await add(world, receiver);
    await using _ = await start(world);
    await cause(world);
    await eventually(world, async () => expect(await states(world, webhookId)).toEqual(['done']));
    await eventually(world, () => expect(receiver.open).toBe(0));
  });

  it('is signed with both secrets for a day after a rotation', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { webhookId, secret: old } = await add(world, receiver);
    await using _ = await start(world);
    const rotated = await rotateWebhook(world.deps, webhookId, 24 * HOUR);
    const next = async () => {
      const before = receiver.received.length;
      await cause(world);
      await eventually(world, () => expect(receiver.received).toHaveLength(before + 1));
      await atRest(world, webhookId);
      return receiver.received[before] as Receiver['received'][number];
    };
    const during = await next();
    for (const secret of [old, rotated?.secret ?? '']) verify(secret, during, world.clock.now());
    await world.clock.advance(24 * HOUR);
    const after = await next();
    verify(rotated?.secret ?? '', after, world.clock.now());
    expect(() => verify(old, after, world.clock.now())).toThrow();
    expect(await rotateWebhook(world.deps, 'nobody', 0)).toBeUndefined();
  });

  it('is told on trial, whether or not it is on', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer((response) => void response.writeHead(202).end('thanks'));
    const { webhookId, secret } = await add(world, receiver);
    await changeWebhook(world.deps, webhookId, { enabled: false });
    const trial = await testMessage(world.deps, webhookId);
    if (!trial) throw new Error('no webhook');
    const answer = await createWebhookSender({ clock: world.clock, allow: loopback })(trial.target, trial.message);
    expect(answer).toMatchObject({ kind: 'answered', status: 202, body: 'thanks' });
    const [request] = receiver.received as [Receiver['received'][number]];
    expect(verify(secret, request, world.clock.now())).toMatchObject({ type: 'webhook.test' });
  });

  it('that is off or gone is told nothing, and leaves nothing behind when it is removed', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer(500);
    const { webhookId } = await add(world, receiver);
    await using _ = await start(world);
    await cause(world, 3);
    await tried(world, webhookId, 1);
    await changeWebhook(world.deps, webhookId, { enabled: false });
    await cause(world);
    expect(await states(world, webhookId)).toEqual(['due', 'due', 'due']);
    expect(await removeWebhook(world.deps, webhookId)).toBe(true);
    expect(await removeWebhook(world.deps, webhookId)).toBe(false);
    for (const table of ['webhook', 'event_route', 'event_delivery', 'event'] as const) {
      expect(await world.engine.read.selectFrom(table).selectAll().execute(), table).toEqual([]);
    }
  });

  it('ends attempts under way when the server stops, and they count for nothing', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    receiver.answer(() => {});
    const { webhookId } = await add(world, receiver);
    const node = await start(world);
    await cause(world);
    await eventually(world, () => expect(receiver.open).toBe(1));
    const stopping = node[Symbol.asyncDispose]();
    await world.clock.advance(3 * SECOND);
    await stopping;
    expect(await log(world, webhookId)).toMatchObject([
      { state: 'due', attempts: 0, due_at: world.clock.now(), note: 'the server was stopped' },
    ]);
  });

  it('leaves a log of three days of what was delivered and of a month of what was not', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { webhookId } = await add(world, receiver);
    {
      await using _ = await start(world);
      await cause(world, 600);
      await eventually(world, async () => expect(new Set(await states(world, webhookId))).toEqual(new Set(['done'])));
    }
    const [late] = await cause(world);
    const events = () => world.engine.read.selectFrom('event').selectAll().execute();
    await world.clock.advance(71 * HOUR);
    await sweepEvents(world.deps);
    expect(await events()).toHaveLength(601);
    await world.clock.advance(2 * HOUR);
    await sweepEvents(world.deps);
    expect((await events()).map(({ payload }) => JSON.parse(payload).jobId)).toEqual([late]);
    await world.clock.advance(EVENT_KEPT_MS);
    await sweepEvents(world.deps);
    expect(await events()).toEqual([]);
    expect(await log(world, webhookId)).toEqual([]);
  });

  it.each([
    [{ url: 'ftp://example.com/' }, 'webhook.invalidUrl', 'it must begin with https:// or http://'],
    [{ url: 'example.com' }, 'webhook.invalidUrl', 'it must begin with https:// or http://'],
    [{ url: 'https://u:p@example.com' }, 'webhook.invalidUrl', 'it may hold no user name and no password'],
    [{ url: 'https://exa\nmple.com/' }, 'webhook.invalidUrl', 'it may hold no white space'],
    [{ url: `https://example.com/${'x'.repeat(2_000)}` }, 'webhook.invalidUrl', 'it may have at most 2000 characters'],
    [
      { types: ['ota.tasks.*'] },
      'webhook.invalidTypes',
      'There is no event type ota.tasks.*. Name types (device.online',
    ],
    [{ types: ['ota*'] }, 'webhook.invalidTypes', 'There is no event type ota*'],
    [{ types: [] }, 'webhook.invalidTypes', 'Name a type'],
    [{ products: ['nothing'] }, 'product.notFound', 'The specified product does not exist'],
    [{ products: ['a1Unknown01'] }, 'product.notFound', 'The specified product does not exist'],
    [{ description: 'x'.repeat(101) }, 'webhook.longDescription', 'more than 100 characters'],
  ])('is refused as %o, new or changed', async (wrong, key, sentence) => {
    const world = await createWorld(database);
    const right = { url: 'https://example.com/hook', types: ['*'], products: [], description: '' };
    const { webhookId } = await addWebhook(world.deps, world.scope, right);
    for (const refused of [
      addWebhook(world.deps, world.scope, { ...right, ...wrong }),
      changeWebhook(world.deps, webhookId, wrong),
    ]) {
      const failure = await refused.then(
        () => undefined,
        (error: unknown) => error as Failure,
      );
      expect(failure?.key).toBe(key);
      expect(failure && textOf(failure)).toContain(sentence);
    }
  });

  it('may be changed: what waits goes to its new address, and what it is told follows its new filter', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { webhookId } = await add(world, { url: 'https://example.com/' }, ['ota.job.updated']);
    const before = await cause(world, 2);
    expect(await changeWebhook(world.deps, 'nothing', { types: ['*'] })).toBe(false);
    const other = (await createProduct(world.deps, world.scope, { name: 'other', nodeType: 0 })).key;
    await changeWebhook(world.deps, webhookId, { url: receiver.url, products: [other], description: 'ops' });
    await cause(world);
    const [heard] = await cause(world, 1, other);
    await changeWebhook(world.deps, webhookId, { types: ['device.online'] });
    await cause(world, 1, other);
    await changeWebhook(world.deps, webhookId, { types: ['ota.job.*'], products: [] });
    const [later] = await cause(world);
    await using _ = await start(world);
    await eventually(world, () => expect(jobIds(receiver)).toEqual([...before, heard, later].sort()));
    expect(await findWebhook(world.engine.read, webhookId)).toMatchObject({
      url: receiver.url,
      types: ['ota.job.*'],
      products: [],
      description: 'ops',
    });
  });

  it('that is off and changed is told nothing before it is on', async () => {
    const world = await createWorld(database);
    const { webhookId } = await add(world, { url: 'https://example.com/' });
    await changeWebhook(world.deps, webhookId, { enabled: false });
    await changeWebhook(world.deps, webhookId, { types: ['ota.*'] });
    await cause(world);
    expect(await states(world, webhookId)).toEqual([]);
    await changeWebhook(world.deps, webhookId, { enabled: true });
    await cause(world);
    expect(await states(world, webhookId)).toEqual(['due']);
  });

  it('is sent a test event as any other, unless it is off', async () => {
    const world = await createWorld(database);
    await using receiver = await startReceiver();
    const { webhookId, secret } = await add(world, receiver, ['device.online']);
    await using _ = await start(world);
    const eventId = await queueTest(world.deps, webhookId);
    await eventually(world, async () => expect(await states(world, webhookId)).toEqual(['done']));
    const [request] = receiver.received as [Received];
    expect(request.headers['webhook-id']).toBe(`msg_${eventId}`);
    expect(verify(secret, request, world.clock.now())).toMatchObject({
      type: 'webhook.test',
      data: { payload: { webhookId } },
    });
    await changeWebhook(world.deps, webhookId, { enabled: false });
    await expect(queueTest(world.deps, webhookId)).rejects.toMatchObject({ key: 'webhook.off' });
    expect(await queueTest(world.deps, 'nothing')).toBeUndefined();
  });

  it('that had much to be told is forgotten by the call and by the sweep, and nobody else with it', async () => {
    const world = await createWorld(database);
    const { webhookId } = await add(world, { url: 'https://example.com/' });
    await cause(world, 6_000);
    const { webhookId: kept } = await add(world, { url: 'https://example.com/' });
    await cause(world);
    await removeWebhook(world.deps, webhookId);
    expect(await countDue(world.engine.read, webhookConsumer(webhookId))).toBe(1_001);
    await sweepEvents(world.deps);
    expect(await countDue(world.engine.read, webhookConsumer(webhookId))).toBe(0);
    expect(await states(world, kept)).toEqual(['due']);
  });

  it('shows its deliveries page by page, in each order, also when many came at one time', async () => {
    const world = await createWorld(database);
    const { webhookId } = await add(world, { url: 'https://example.com/' });
    const consumer = webhookConsumer(webhookId);
    await cause(world, 30);
    await world.clock.advance(SECOND);
    await cause(world, 30);
    const rows = await world.engine.read.selectFrom('event_delivery').select('event_id').orderBy('event_id').execute();
    const ids = rows.map(({ event_id }) => event_id);
    await world.engine.transaction(async ({ db }) => {
      const ended = db.updateTable('event_delivery').set({ state: 'dead', due_at: null, modified_at: 5 });
      await ended.where('consumer', '=', consumer).where('event_id', 'in', ids.slice(0, 25)).execute();
    });
    for (const [state, expected] of [
      [undefined, ids.toReversed()],
      ['due', ids.slice(25)],
      ['dead', ids.slice(0, 25).toReversed()],
    ] as const) {
      const seen: string[] = [];
      let token: string | undefined;
      do {
        const page = await pageOfDeliveries(world.deps, webhookId, { state, size: 7, token });
        seen.push(...(page?.deliveries.map(({ event_id }) => event_id) ?? []));
        expect(page?.deliveries.length).toBeLessThanOrEqual(7);
        token = page?.nextToken;
      } while (token);
      expect(seen).toEqual(expected);
    }
    const { nextToken = '' } = (await pageOfDeliveries(world.deps, webhookId, { state: 'due', size: 1 })) ?? {};
    for (const token of ['x', 'AAAA', `${nextToken}A`]) {
      const wrong = pageOfDeliveries(world.deps, webhookId, { state: 'due', size: 1, token });
      await expect(wrong).rejects.toMatchObject({ key: 'common.illegalPageToken' });
    }
    const ofAnother = pageOfDeliveries(world.deps, webhookId, { state: 'dead', size: 1, token: nextToken });
    await expect(ofAnother).rejects.toMatchObject({ key: 'common.illegalPageToken' });
  });

  it('is replayed in calls of a bounded length, each event once', async () => {
    const world = await createWorld(database);
    const { webhookId } = await add(world, { url: 'https://example.com/' });
    await cause(world, 5_600);
    const all = () => world.engine.read.selectFrom('event_delivery').select(['state', 'attempts']);
    await world.engine.transaction(async ({ db }) => {
      await db.updateTable('event_delivery').set({ state: 'dead', due_at: null, attempts: 10 }).execute();
    });
    await world.clock.advance(SECOND);
    const first = await replaySome(world.deps, webhookId, {});
    expect(first).toMatchObject({ total: 5_000, hasMore: true });
    // given up once more meanwhile: not meant by who goes on
    await world.clock.advance(SECOND);
    const now = world.clock.now();
    await world.engine.transaction(async ({ db }) => {
      const dead = db.updateTable('event_delivery').set({ state: 'dead', due_at: null, modified_at: now });
      await dead.where('state', '=', 'due').execute();
    });
    const second = await replaySome(world.deps, webhookId, { before: first?.before });
    expect(second).toEqual({ total: 600, hasMore: false, before: first?.before });
    expect(await all().where('state', '=', 'due').execute()).toHaveLength(600);
  });

  it('is replayed of a range of time, from its first moment to before its last', async () => {
    const world = await createWorld(database);
    const { webhookId } = await add(world, { url: 'https://example.com/' });
    await cause(world, 4);
    const ids = await world.engine.read.selectFrom('event_delivery').select('event_id').orderBy('event_id').execute();
    const start = world.clock.now();
    const states = ['dead', 'dead', 'done', 'dead'] as const;
    await world.engine.transaction(async ({ db }) => {
      for (const [at, { event_id }] of ids.entries()) {
        const ended = { state: states[at], due_at: null, modified_at: start + at };
        await db.updateTable('event_delivery').set(ended).where('event_id', '=', event_id).execute();
      }
    });
    await world.clock.advance(SECOND);
    const waiting = async () => {
      const due = world.engine.read.selectFrom('event_delivery').select('event_id').where('due_at', 'is not', null);
      const told = await due.orderBy('event_id').execute();
      return told.map((one) => ids.findIndex(({ event_id }) => event_id === one.event_id));
    };
    const range = { since: start + 1, before: start + 3 };
    expect(await replaySome(world.deps, webhookId, range)).toEqual({ total: 1, hasMore: false, before: start + 3 });
    expect(await waiting()).toEqual([1]);
    expect(await replaySome(world.deps, webhookId, { ...range, delivered: true })).toMatchObject({ total: 1 });
    expect(await waiting()).toEqual([1, 2]);
    const now = world.clock.now();
    // what ends once more while it is called is not met again
    expect(await replaySome(world.deps, webhookId, { since: start + 3, before: now + 60 * SECOND })).toEqual({
      total: 1,
      hasMore: false,
      before: now,
    });
    expect(await waiting()).toEqual([1, 2, 3]);
    await expect(replaySome(world.deps, webhookId, { since: start, before: start })).rejects.toMatchObject({
      key: 'common.invalidParameter',
      details: { Parameter: 'Since' },
    });
  });

  it('is one of at most fifty', async () => {
    const world = await createWorld(database);
    for (let count = 0; count < 50; count += 1) await add(world, { url: 'https://example.com/' });
    await expect(add(world, { url: 'https://example.com/' })).rejects.toMatchObject({
      key: 'webhook.countExceeded',
    });
  });
});
