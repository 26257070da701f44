import { expect, it } from 'vitest';
import { createAccount, identify } from '../../../src/domain/accounts.ts';
import { findSession } from '../../../src/domain/console-sessions.ts';
import type { Scope } from '../../../src/domain/deps.ts';
import { addUser, changeAccountPassword, changeUser, removeUser } from '../../../src/domain/users.ts';
import { eachEngine } from '../../support/engines.ts';
import { type Browser, type ConsoleWorld, createConsoleWorld, refusalOf } from './console-world.ts';

const PASSWORD = 'correct horse battery';

eachEngine('a sign-in by password', (database) => {
  async function withUsers() {
    const world = await createConsoleWorld(database);
    const { deps, root } = world;
    const scope: Scope = { accountId: root.accountId, instanceId: '' };
    const other = await createAccount(deps, 'other');
    const otherScope: Scope = { accountId: other.accountId, instanceId: '' };
    const ann = await addUser(deps, scope, { name: 'ann', password: PASSWORD });
    const otherAnn = await addUser(deps, otherScope, { name: 'ann', password: `${PASSWORD}!` });
    return { ...world, scope, other, ann, otherAnn };
  }
  const signIn = (world: Pick<ConsoleWorld, 'browser'>, userName: string, password = PASSWORD) =>
    world.browser().signIn({ userName, password });

  it('finds users of the root account by their name and those of others by their account, too', async () => {
    const world = await withUsers();
    const { root, other, ann, otherAnn } = world;
    const who = async (userName: string, password?: string) => {
      const answer = await signIn(world, userName, password);
      const { account, user, accessKeyId } = (await answer.json()) as Record<string, unknown>;
      return { account, user, accessKeyId };
    };
    const own = { account: { id: root.accountId, name: 'root' }, user: { id: ann, name: 'ann' }, accessKeyId: null };
    expect(await who('ann')).toEqual(own);
    expect(await who(`ann@${root.accountId}`)).toEqual(own);
    expect(await who(`ann@${other.accountId}`, `${PASSWORD}!`)).toEqual({
      account: { id: other.accountId, name: 'other' },
      user: { id: otherAnn, name: 'ann' },
      accessKeyId: null,
    });
    expect((await signIn(world, `ann@${other.accountId}`)).status).toBe(401);
  });

  it('is open to an account itself, as root, once it has a password', async () => {
    const world = await withUsers();
    const { deps, root, other } = world;
    expect((await signIn(world, 'root')).status).toBe(401);
    await changeAccountPassword(deps, root.accountId, PASSWORD);
    await changeAccountPassword(deps, other.accountId, PASSWORD);
    const session = await (await signIn(world, 'root')).json();
    expect(session).toMatchObject({ account: { id: root.accountId }, user: null, accessKeyId: null });
    expect(await (await signIn(world, `root@${other.accountId}`)).json()).toMatchObject({
      account: { id: other.accountId },
      user: null,
    });
  });

  it('is refused alike for a wrong password, for nobody and for who has none', async () => {
    const world = await withUsers();
    const told = new Set<string>();
    for (const [userName, password] of [
      ['ann', 'wrong horse battery'],
      ['nobody', PASSWORD],
      ['reader', PASSWORD],
      ['reader', ''],
      ['ann@nowhere', PASSWORD],
      ['@', PASSWORD],
      ['', PASSWORD],
    ] as const) {
      const answer = await signIn(world, userName, password);
      const { Code, Message } = (await answer.json()) as Record<string, string>;
      told.add(JSON.stringify([answer.status, Code, Message]));
    }
    expect([...told]).toEqual(['[401,"SignInFailed","The name or the secret is wrong."]']);
    expect(JSON.stringify([...world.warnings, ...(await world.records())])).not.toContain('horse');
  });

  it('is recorded with the user that it was for', async () => {
    const world = await withUsers();
    await signIn(world, 'ann', 'wrong horse battery');
    const record = { source: 'console', action: 'SignIn', userId: world.ann, userName: 'ann', accessKeyId: '' };
    expect(await world.records()).toMatchObject([
      { ...record, accountId: world.root.accountId, result: 'SignInFailed' },
    ]);
  });

  it('opens a session that ends with the password, and no other', async () => {
    const world = await withUsers();
    const { deps, scope, ann, root } = world;
    const [page, keyed, account] = [world.browser(), world.browser(), world.browser()];
    await page.signIn({ userName: 'ann', password: PASSWORD });
    await keyed.signIn(world.reader);
    await changeAccountPassword(deps, root.accountId, PASSWORD);
    await account.signIn({ userName: 'root', password: PASSWORD });
    const states = async () => Promise.all([page, keyed, account].map(async (one) => (await one.session()).status));
    expect(await states()).toEqual([200, 200, 200]);
    // the same one, set again within the same millisecond
    await changeUser(deps, scope, ann, { password: PASSWORD });
    await changeUser(deps, scope, world.reader.userId, { password: PASSWORD });
    expect(await states()).toEqual([401, 200, 200]);
    await changeAccountPassword(deps, root.accountId, null);
    expect(await states()).toEqual([401, 200, 401]);
    expect((await signIn(world, 'root')).status).toBe(401);

    await page.signIn({ userName: 'ann', password: PASSWORD });
    expect((await page.session()).status).toBe(200);
    await changeUser(deps, scope, ann, { password: null });
    expect((await page.session()).status).toBe(401);
    expect((await signIn(world, 'ann')).status).toBe(401);
  });

  it('opens a session that ends with the user, whatever it was opened with', async () => {
    const world = await withUsers();
    const { deps, scope } = world;
    const [page, keyed] = [world.browser(), world.browser()];
    await page.signIn({ userName: 'ann', password: PASSWORD });
    await keyed.signIn(world.reader);
    await removeUser(deps, scope, world.ann);
    await removeUser(deps, scope, world.reader.userId);
    expect(await refusalOf(await page.call('QueryProductList'))).toEqual([401, 'NotSignedIn']);
    expect(await refusalOf(await keyed.call('QueryProductList'))).toEqual([401, 'NotSignedIn']);
    expect((await signIn(world, 'ann')).status).toBe(401);
    expect((await world.browser().signIn(world.reader)).status).toBe(401);
  });

  it('opens a session that ends for good when the user is disabled, whatever it was opened with, and none until enabled', async () => {
    const world = await withUsers();
    const { deps, scope, reader } = world;
    const [page, keyed] = [world.browser(), world.browser()];
    await page.signIn({ userName: 'ann', password: PASSWORD });
    await keyed.signIn(reader);
    const elsewhere = { ...deps, engine: await database.open() };
    const found = async ({ cookie }: Browser) =>
      (await findSession(elsewhere, cookie.slice('otaru_session='.length)))?.caller.user?.name;
    expect([await found(page), await found(keyed)]).toEqual(['ann', 'reader']);
    for (const id of [world.ann, reader.userId]) await changeUser(deps, scope, id, { isActive: false });
    // another node asks the database, too
    expect([await found(page), await found(keyed)]).toEqual([undefined, undefined]);
    for (const one of [page, keyed]) {
      expect(await refusalOf(await one.session())).toEqual([401, 'NotSignedIn']);
      expect(await refusalOf(await one.call('QueryProductList'))).toEqual([401, 'NotSignedIn']);
    }
    expect(await refusalOf(await signIn(world, 'ann'))).toEqual([401, 'SignInFailed']);
    expect(await refusalOf(await world.browser().signIn(reader))).toEqual([401, 'SignInFailed']);
    await expect(identify(deps, reader.accessKeyId)).rejects.toThrow('gateway.inactiveAccessKey');
    for (const id of [world.ann, reader.userId]) await changeUser(deps, scope, id, { isActive: true });
    for (const one of [page, keyed]) expect((await one.session()).status).toBe(401);
    expect((await signIn(world, 'ann')).status).toBe(200);
    expect((await identify(deps, reader.accessKeyId)).caller.user?.name).toBe('reader');
  });

  it('waits for its turn, so that many of them take no more memory than two', async () => {
    const world = await withUsers();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => signIn(world, `nobody-${at}`)));
    const counts = Object.groupBy(answers, ({ status }) => String(status));
    expect(Object.keys(counts).sort()).toEqual(['401', '503']);
    expect((await signIn(world, 'ann')).status).toBe(429);
    await world.clock.advance(60 * 60_000);
    expect((await signIn(world, 'ann')).status).toBe(200);
  });
});
