import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';
import { identify, resolveScope } from '../../../src/domain/accounts.ts';
import { isPasswordOf } from '../../../src/domain/passwords.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { openStore } from '../../../src/open-store.ts';
import { findUserByName } from '../../../src/store/queries/users.ts';
import { eachEngine } from '../../support/engines.ts';
import { otaru } from './otaru.ts';

eachEngine('otaru key', (database) => {
  let settings: Record<string, string>;

  beforeEach(async () => {
    const { databaseUrl } = database.options;
    settings = {
      OTARU_DATA: await mkdtemp(join(tmpdir(), 'otaru-key-')),
      ...(databaseUrl === undefined ? {} : { OTARU_DATABASE_URL: databaseUrl }),
    };
  });

  afterEach(async () => {
    await rm(settings['OTARU_DATA'] ?? '', { recursive: true });
  });

  const open = () => openStore(readConfig(settings), { log: silentLog });

  /** The one line of JSON that a command prints. */
  async function json(...words: string[]) {
    const { code, stdout, stderr } = await otaru(['key', ...words, '--json'], settings);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^.+\n$/);
    return JSON.parse(stdout);
  }

  /** The one sentence with which a command fails. */
  async function refusal(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await otaru(['key', ...words], { ...settings, OTARU_LOG_LEVEL: 'warn' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^otaru: .+\.\n$/);
    return stderr.slice('otaru: '.length, -1);
  }

  it('makes accounts, users and instances', async () => {
    const account = await json('account', 'create', '--name', 'acme');
    expect(Object.keys(account)).toEqual(['accountId', 'accessKeyId', 'accessKeySecret']);
    const { accountId } = account;

    const powerless = await json('user', 'create', '--account', accountId, '--name', 'ann');
    expect(Object.keys(powerless)).toEqual(['userId', 'accessKeyId', 'accessKeySecret']);

    const policy = join(settings['OTARU_DATA'] ?? '', 'policy.json');
    const statement = { Effect: 'Allow', Action: 'iot:Query*', Resource: '*' };
    await writeFile(policy, JSON.stringify({ Version: '1', Statement: [statement] }));
    const reader = await json('user', 'create', '--account', accountId, '--name', 'bob', '--policy', policy);

    const instance = await json('instance', 'create', '--account', accountId, '--name', 'second');
    expect(Object.keys(instance)).toEqual(['iotInstanceId']);
    expect(Object.keys(await json('instance', 'create', '--account', accountId))).toEqual(['iotInstanceId']);

    await using store = await open();
    const owner = await identify(store, account.accessKeyId);
    const { instanceId: publicInstanceId } = await resolveScope(store.engine.read, accountId, undefined);
    expect(owner).toEqual({
      caller: { accessKeyId: account.accessKeyId, accountId, publicInstanceId },
      secret: account.accessKeySecret,
    });
    expect((await identify(store, powerless.accessKeyId)).caller.policy).toEqual([]);
    expect((await identify(store, reader.accessKeyId)).caller.policy).toHaveLength(1);
    const scope = await resolveScope(store.engine.read, accountId, instance.iotInstanceId);
    expect(scope.instanceId).toBe(instance.iotInstanceId);
  });

  it('lists keys without their secrets', async () => {
    expect(await json('list')).toEqual([]);
    const account = await json('account', 'create', '--name', 'acme');
    const user = await json('user', 'create', '--account', account.accountId, '--name', 'ann');
    const common = {
      status: 'active',
      accountId: account.accountId,
      accountName: 'acme',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    };
    const list = await json('list');
    expect(list).toHaveLength(2);
    expect(list).toEqual(
      expect.arrayContaining([
        { accessKeyId: account.accessKeyId, ...common },
        { accessKeyId: user.accessKeyId, ...common, userId: user.userId, userName: 'ann' },
      ]),
    );
    const people = await otaru(['key', 'list'], settings);
    expect(people.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(people.stdout).not.toContain(account.accessKeySecret);
  });

  it('disables and deletes a key', async () => {
    const { accessKeyId } = await json('account', 'create', '--name', 'acme');
    expect(await json('disable', accessKeyId)).toEqual({ accessKeyId, status: 'inactive' });
    expect(await json('list')).toMatchObject([{ accessKeyId, status: 'inactive' }]);
    {
      await using store = await open();
      await expect(identify(store, accessKeyId)).rejects.toThrow('gateway.inactiveAccessKey');
    }
    expect(await json('delete', accessKeyId)).toEqual({ accessKeyId, status: 'deleted' });
    expect(await json('list')).toEqual([]);
    expect(await refusal('delete', accessKeyId)).toBe(`There is no key ${accessKeyId}.`);
    expect(await refusal('disable', accessKeyId)).toBe(`There is no key ${accessKeyId}.`);
  });

  it('sets passwords that it is not told as an argument, and shows those that it makes once', async () => {
    const { accountId } = await json('account', 'create', '--name', 'acme');
    const { userId } = await json('user', 'create', '--account', accountId, '--name', 'ann');
    const owner = ['--account', accountId];
    const hash = async () => {
      await using store = await open();
      return (await findUserByName(store.engine.read, accountId, 'ann'))?.password_hash ?? null;
    };
    const given = await otaru(['key', 'password', ...owner, '--user', 'ann', '--json'], settings, 'correct horse\n');
    expect(JSON.parse(given.stdout)).toEqual({ signInAs: `ann@${accountId}` });
    expect(await isPasswordOf(await hash(), 'correct horse')).toBe(true);
    const made = await json('password', ...owner, '--user', 'ann', '--generate');
    expect(await isPasswordOf(await hash(), made.password)).toBe(true);
    const removed = await json('password', ...owner, '--user', 'ann', '--remove');
    expect([removed.status, await hash()]).toEqual(['removed', null]);
    const account = await json('password', ...owner, '--generate');
    expect(account.signInAs).toBe(`root@${accountId}`);

    const short = await otaru(['key', 'password', ...owner], { ...settings, OTARU_LOG_LEVEL: 'warn' }, 'short\n');
    expect([short.code, short.stderr]).toEqual([1, 'otaru: A password has 10 to 128 characters.\n']);
    expect(await refusal('password', ...owner)).toBe('No password was given.');
    expect(await refusal('password', ...owner, '--user', 'bob', '--generate')).toBe('The user does not exist.');
    expect(await json('user', 'list', ...owner)).toMatchObject([{ userId, name: 'ann', password: 'no' }]);
    await using store = await open();
    const audit = JSON.stringify(await store.engine.read.selectFrom('audit').selectAll().execute());
    for (const secret of ['correct horse', made.password, account.password]) expect(audit).not.toContain(secret);
  }, 60_000);

  it('makes another key for who has lost one, gives users other rights and forgets them', async () => {
    const { accountId, accessKeyId } = await json('account', 'create', '--name', 'acme');
    const { userId } = await json('user', 'create', '--account', accountId, '--name', 'ann');
    const own = await json('create', '--account', accountId);
    const hers = await json('create', '--account', accountId, '--user', 'ann');
    await json('disable', accessKeyId);
    expect(await json('enable', accessKeyId)).toEqual({ accessKeyId, status: 'active' });
    const ofAnn = ['--account', accountId, '--user', 'ann'];
    expect(await json('user', 'disable', ...ofAnn)).toEqual({ userId, status: 'inactive' });
    expect(await json('user', 'list', '--account', accountId)).toMatchObject([{ name: 'ann', status: 'inactive' }]);
    expect(await json('user', 'enable', ...ofAnn)).toEqual({ userId, status: 'active' });
    expect(await refusal('user', 'create', '--account', accountId, '--name', 'root')).toContain('and not root');
    const policy = join(settings['OTARU_DATA'] ?? '', 'policy.json');
    await writeFile(policy, '{"Version":"1","Statement":[{"Effect":"Allow","Action":"iot:Query*","Resource":"*"}]}');
    await json('user', 'policy', '--account', accountId, '--user', 'ann', '--policy', policy);
    {
      await using store = await open();
      expect((await identify(store, own.accessKeyId)).caller.user).toBeUndefined();
      const { caller } = await identify(store, hers.accessKeyId);
      expect(caller).toMatchObject({ user: { id: userId, name: 'ann' }, policy: [{ actions: ['iot:Query*'] }] });
    }
    expect(await json('user', 'delete', '--account', accountId, '--user', 'ann')).toEqual({
      userId,
      status: 'deleted',
    });
    expect(await json('list')).toHaveLength(2);
  }, 60_000);

  it('works beside a process that holds the database', async () => {
    await using store = await open();
    const { accessKeyId, accessKeySecret } = await json('account', 'create', '--name', 'acme');
    expect((await identify(store, accessKeyId)).secret).toBe(accessKeySecret);
    await json('disable', accessKeyId);
    await expect(identify(store, accessKeyId)).rejects.toThrow('gateway.inactiveAccessKey');
  });

  it('refuses with one sentence what cannot be done', async () => {
    expect(await refusal('user', 'create', '--account', 'nobody', '--name', 'ann')).toBe('There is no account nobody.');
    expect(await refusal('instance', 'create', '--account', 'nobody')).toBe('There is no account nobody.');
    const { accountId } = await json('account', 'create', '--name', 'acme');
    await json('user', 'create', '--account', accountId, '--name', 'ann');
    const again = ['user', 'create', '--account', accountId, '--name', 'ann'];
    expect(await refusal(...again)).toBe('The account has a user named ann already.');

    const policy = join(settings['OTARU_DATA'] ?? '', 'policy.json');
    const withPolicy = ['user', 'create', '--account', accountId, '--name', 'bob', '--policy', policy];
    expect(await refusal(...withPolicy)).toContain(policy);
    await writeFile(policy, '{}');
    expect(await refusal(...withPolicy)).toMatch(/^The policy is not valid: /);
    expect(await json('list')).toHaveLength(2);
    // nine processes
  }, 60_000);
});

it('migrates an empty database once', async () => {
  const data = await mkdtemp(join(tmpdir(), 'otaru-migrate-'));
  try {
    const migrate = async (...words: string[]) => (await otaru(['migrate', ...words], { OTARU_DATA: data })).stdout;
    const names = JSON.parse(await migrate('--dry-run', '--json')).pending;
    expect(names).toContain('0001-initial');
    expect(JSON.parse(await migrate('--json'))).toEqual({ applied: names });
    expect(JSON.parse(await migrate('--json'))).toEqual({ applied: [] });
    expect(await migrate()).toMatch(/^SQLite .* is up to date\.\n$/);
  } finally {
    await rm(data, { recursive: true });
  }
});
