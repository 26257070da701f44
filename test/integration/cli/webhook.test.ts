import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { readConfig } from '../../../src/config/env.ts';
import { scopeForOperator } from '../../../src/domain/accounts.ts';
import { emit } from '../../../src/domain/events.ts';
import { createProduct } from '../../../src/domain/products.ts';
import { claimAttempts, settleAttempt } from '../../../src/domain/webhook-attempts.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { openStore, type Store } from '../../../src/open-store.ts';
import { jobUpdatedEvent } from '../../../src/wire/event-messages.ts';
import { eachEngine } from '../../support/engines.ts';
import { startReceiver, verify } from '../events-out/receiver.ts';
import type { Outcome } from './otaru.ts';

/** Runs a command in this process, which is quicker than one for each; the texts that it prints are kept. */
async function otaru(words: readonly string[], settings: Readonly<Record<string, string>>): Promise<Outcome> {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  }
  try {
    const code = await run(words);
    return { code, ...written };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

eachEngine('otaru webhook', (database) => {
  let settings: Record<string, string>;

  beforeEach(async () => {
    const { databaseUrl } = database.options;
    settings = {
      OTARU_DATA: await mkdtemp(join(tmpdir(), 'otaru-webhook-')),
      OTARU_LOG_LEVEL: 'warn',
      ...(databaseUrl === undefined ? {} : { OTARU_DATABASE_URL: databaseUrl }),
    };
  });

  afterEach(async () => {
    await rm(settings['OTARU_DATA'] ?? '', { recursive: true });
  });

  /** The one line of JSON that a command prints. */
  async function json(command: string, ...words: string[]) {
    const noun = command === 'account' ? 'key' : 'webhook';
    const { code, stdout, stderr } = await otaru([noun, command, ...words, '--json'], settings);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^.+\n$/);
    return JSON.parse(stdout);
  }

  /** The one sentence with which a command fails. */
  async function refusal(...words: string[]): Promise<string> {
    const { code, stderr } = await otaru(['webhook', ...words], settings);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^otaru: .+\.\n$/);
    return stderr.slice('otaru: '.length, -1);
  }

  async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    await using store = await openStore(readConfig(settings), { log: silentLog });
    return await work(store);
  }

  /** Causes an event of a product. */
  const cause = (store: Store, productKey: string, jobId: string) =>
    store.engine.transaction((tx) => {
      const job = { productKey, firmwareId: 'f1', jobId, module: 'default' };
      return emit(tx, store, [jobUpdatedEvent(job, 'PLANNED', store.clock.now())]);
    });

  it('adds, lists, switches and removes endpoints', async () => {
    const { accountId } = await json('account', 'create', '--name', 'acme');
    const productKey = await withStore(async (store) => {
      const scope = await scopeForOperator(store, { accountId });
      return (await createProduct(store, scope, { name: 'lamp', nodeType: 0 })).key;
    });
    const url = 'https://hooks.example.com/ota';
    const filter = ['--types', 'ota.task.*', 'device.online', '--product', productKey, '--description', 'ops'];
    const made = await json('add', '--url', url, '--account', accountId, ...filter);
    expect(made).toEqual({
      webhookId: expect.stringMatching(/^\w{22}$/),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{58}==$|^whsec_[A-Za-z0-9+/]{58,60}=*$/),
    });
    const { webhookId } = made;
    const [row] = await json('list');
    expect(row).toEqual({
      webhookId,
      url,
      description: 'ops',
      types: ['ota.task.*', 'device.online'],
      products: [productKey],
      status: 'on',
      waiting: 0,
      dead: 0,
      accountId,
      iotInstanceId: expect.any(String),
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(await json('disable', webhookId)).toEqual({ webhookId, status: 'off' });
    const { stdout } = await otaru(['webhook', 'list'], settings);
    expect(stdout).toBe(
      `${webhookId}  off  0 waiting, 0 dead  ${url}  ota.task.* device.online of ${productKey}  (switched off by the operator)\n`,
    );
    expect(await json('enable', webhookId)).toEqual({ webhookId, status: 'on' });
    const rotated = await json('rotate', webhookId, '--keep-old', '1');
    expect(rotated.secret).not.toBe(made.secret);
    expect(Date.parse(rotated.oldSecretUntil) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(await json('remove', webhookId)).toEqual({ webhookId, status: 'removed' });
    expect(await json('list')).toEqual([]);
    const { rows } = await withStore(async ({ engine }) => ({
      rows: await engine.read.selectFrom('audit').select(['action', 'target', 'made']).orderBy('at').execute(),
    }));
    expect(rows.map(({ action }) => action).slice(1)).toEqual(
      ['add', 'disable', 'enable', 'rotate', 'remove'].map((name) => `webhook ${name}`),
    );
    expect(rows[1]).toMatchObject({
      target: '{"origin":"https://hooks.example.com"}',
      made: JSON.stringify([webhookId]),
    });
  });

  it('sends a signed test event and prints the answer', async () => {
    const { accountId } = await json('account', 'create', '--name', 'acme');
    await using receiver = await startReceiver();
    receiver.answer((response) => void response.writeHead(200).end('thanks'));
    const { webhookId, secret } = await json('add', '--url', receiver.url, '--account', accountId);
    expect(await refusal('test', webhookId)).toBe(
      'No answer: the address 127.0.0.1 is not public and OTARU_WEBHOOK_ALLOW does not name it.',
    );
    expect(receiver.received).toEqual([]);
    settings['OTARU_WEBHOOK_ALLOW'] = '127.0.0.0/8';
    expect(await json('test', webhookId)).toEqual({
      webhookId,
      status: '200',
      took: expect.stringMatching(/^\d+ ms$/),
      body: 'thanks',
    });
    const [request] = receiver.received;
    if (!request) throw new Error('nothing arrived');
    expect(verify(secret, request, Date.now())).toMatchObject({
      type: 'webhook.test',
      data: { payload: { webhookId } },
    });
    receiver.answer(500);
    expect(await refusal('test', webhookId)).toBe('The endpoint answered 500; only 2xx is success.');
  });

  it('shows deliveries and the dead, and puts them back', async () => {
    const { accountId } = await json('account', 'create', '--name', 'acme');
    const { webhookId } = await json('add', '--url', 'https://example.com/', '--account', accountId);
    await withStore(async (store) => {
      const scope = await scopeForOperator(store, { accountId });
      const { key } = await createProduct(store, scope, { name: 'lamp', nodeType: 0 });
      for (const status of [200, 400]) {
        await cause(store, key, `job${status}`);
        const [attempt] = (await claimAttempts(store, webhookId, 1))?.messages ?? [];
        if (!attempt) throw new Error('nothing to send');
        const claim = { ...attempt.claim, attempts: 10 };
        await settleAttempt(store, webhookId, claim, { kind: 'answered', status, retryAfterMs: undefined });
      }
      await cause(store, key, 'job');
    });
    const states = async (...words: string[]) =>
      (await json('deliveries', webhookId, ...words)).map(({ state }: { state: string }) => state).sort();
    expect(await states()).toEqual(['dead', 'delivered', 'waiting']);
    expect(await states('--state', 'waiting', '--limit', '2')).toEqual(['waiting']);
    const dead = await json('dead', webhookId);
    expect(dead).toEqual([
      {
        eventId: expect.any(String),
        type: 'ota.job.updated',
        topic: expect.stringMatching(/\/f1\/job400\/ota\/job\/status$/),
        happenedAt: expect.any(String),
        state: 'dead',
        attempts: 1,
        changedAt: expect.any(String),
        note: 'answered 400',
      },
    ]);
    expect(await json('list')).toMatchObject([{ waiting: 1, dead: 1 }]);
    expect(await json('replay', webhookId)).toEqual({ webhookId, replayed: '1' });
    expect(await json('replay', webhookId, '--delivered')).toEqual({ webhookId, replayed: '1' });
    expect(await json('replay', webhookId, '--event', dead[0].eventId)).toEqual({ webhookId, replayed: '1' });
    expect(await states()).toEqual(['waiting', 'waiting', 'waiting']);
    expect(await refusal('replay', webhookId, '--event', 'nothing')).toBe('The webhook knows no event nothing.');
  });

  it('says that there is no such webhook', async () => {
    for (const command of ['remove', 'test', 'dead', 'replay']) {
      expect(await refusal(command, 'w1')).toBe('There is no webhook w1.');
    }
  });

  it('says what is wrong with a new one', async () => {
    const add = (...words: string[]) => refusal('add', '--url', 'https://example.com/', ...words);
    expect(await add()).toBe('There is no root account yet: name the account with --account.');
    expect(await add('--account', 'nobody')).toBe('There is no account nobody.');
    const { accountId } = await json('account', 'create', '--name', 'acme');
    expect(await add('--account', accountId, '--instance', 'iot-x')).toBe('The account has no instance iot-x.');
    expect(await add('--account', accountId, '--types', 'nothing')).toMatch(/^There is no event type nothing\./);
  });
});
