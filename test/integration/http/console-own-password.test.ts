import { expect, it } from 'vitest';
import { addUser, changeAccountPassword, changeUser } from '../../../src/domain/users.ts';
import { eachEngine } from '../../support/engines.ts';
import { type Browser, createConsoleWorld, refusalOf } from './console-world.ts';

const PASSWORD = 'correct horse battery';
const OTHER = 'wrong donkey accumulator';

eachEngine('a password that its owner changes', (database) => {
  async function withAnn() {
    const world = await createConsoleWorld(database);
    const { deps, root } = world;
    const scope = { accountId: root.accountId, instanceId: '' };
    // no right at all is needed
    const ann = await addUser(deps, scope, { name: 'ann', password: PASSWORD });
    const signedIn = async (password = PASSWORD, userName = 'ann') => {
      const page = world.browser();
      expect((await page.signIn({ userName, password })).status).toBe(200);
      return page;
    };
    return { ...world, scope, ann, signedIn };
  }
  const change = (page: Browser, password: string, newPassword: unknown) =>
    page.send('PUT', '/console/password', { body: JSON.stringify({ password, newPassword }) });

  it('ends all sessions but the one it was changed in, which goes on under another token', async () => {
    const { signedIn, browser, records, ann } = await withAnn();
    const [page, elsewhere] = [await signedIn(), await signedIn()];
    const former = page.cookie;
    const answer = await change(page, PASSWORD, OTHER);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^otaru_session=\w{43}; Max-Age=604800; HttpOnly; SameSite=Strict$/,
    );
    expect(await answer.json()).toMatchObject({ user: { name: 'ann' }, accessKeyId: null });
    expect(page.cookie).not.toBe(former);
    expect((await page.session()).status).toBe(200);
    expect((await elsewhere.session()).status).toBe(401);
    page.cookie = former;
    expect((await page.session()).status).toBe(401);
    expect((await browser().signIn({ userName: 'ann', password: PASSWORD })).status).toBe(401);
    await signedIn(OTHER);
    const all = await records();
    const record = { source: 'console', userId: ann, userName: 'ann', target: {}, result: 'Success' };
    expect(all.filter(({ action }) => action === 'ChangePassword')).toMatchObject([record]);
    expect(JSON.stringify(all)).not.toMatch(/horse|donkey/);
  });

  it('may be that of the account itself', async () => {
    const { signedIn, deps, root } = await withAnn();
    await changeAccountPassword(deps, root.accountId, PASSWORD);
    const page = await signedIn(PASSWORD, 'root');
    expect((await change(page, PASSWORD, OTHER)).status).toBe(200);
    expect(await (await page.session()).json()).toMatchObject({ user: null, account: { id: root.accountId } });
    await signedIn(OTHER, 'root');
  });

  it('stays when the present one is not known, which is slowed as sign-ins are', async () => {
    const { signedIn, clock, warnings, records } = await withAnn();
    const page = await signedIn();
    for (let at = 0; at < 10; at += 1)
      expect(await refusalOf(await change(page, OTHER, OTHER))).toEqual([403, 'WrongPassword']);
    expect(await refusalOf(await change(page, PASSWORD, OTHER))).toEqual([429, 'Throttling.SignIn']);
    expect((await page.session()).status).toBe(200);
    expect(warnings).toHaveLength(11);
    const refused = (await records()).filter(({ result }) => result === 'WrongPassword');
    expect(refused).toHaveLength(10);
    expect(JSON.stringify([refused, warnings])).not.toMatch(/horse|donkey/);
    await clock.advance(6_000);
    expect((await change(page, PASSWORD, OTHER)).status).toBe(200);
  });

  it('is not changed to what is none, by nobody, by another page or by who is signed in with a key', async () => {
    const { signedIn, browser, root } = await withAnn();
    const page = await signedIn();
    const short = await change(page, PASSWORD, 'short');
    expect(await short.json()).toMatchObject({ Success: false, Code: 'iot.access.InvalidPassword' });
    expect(await refusalOf(await change(page, PASSWORD, null))).toEqual([400, 'InvalidRequest']);
    expect(await refusalOf(await change(browser(), PASSWORD, OTHER))).toEqual([401, 'NotSignedIn']);
    const body = JSON.stringify({ password: PASSWORD, newPassword: OTHER });
    const foreign = await page.send('PUT', '/console/password', { headers: { 'x-otaru-console': undefined }, body });
    expect(await refusalOf(foreign)).toEqual([403, 'ForeignRequest']);
    const keyed = browser();
    await keyed.signIn(root);
    expect(await refusalOf(await change(keyed, PASSWORD, OTHER))).toEqual([400, 'NotSignedInByPassword']);
    expect((await page.session()).status).toBe(200);
    await signedIn();
  });

  it('is changed once by two who know it at the same time', async () => {
    const { signedIn, browser } = await withAnn();
    const pages = [await signedIn(), await signedIn()] as const;
    const answers = await Promise.all([
      change(pages[0], PASSWORD, `${OTHER} 0`),
      change(pages[1], PASSWORD, `${OTHER} 1`),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const first = answers.findIndex(({ status }) => status === 200);
    const states = await Promise.all(pages.map(async (page) => (await page.session()).status));
    expect(states[first]).toBe(200);
    expect(states[1 - first]).toBe(401);
    expect((await browser().signIn({ userName: 'ann', password: `${OTHER} ${first}` })).status).toBe(200);
  });

  it('cannot be given by somebody whose session has ended', async () => {
    const { signedIn, deps, scope, ann } = await withAnn();
    const page = await signedIn();
    await changeUser(deps, scope, ann, { isActive: false });
    expect(await refusalOf(await change(page, PASSWORD, OTHER))).toEqual([401, 'NotSignedIn']);
  });
});
