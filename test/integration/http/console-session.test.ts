import { expect, it } from 'vitest';
import { actions } from '../../../src/contract/index.ts';
import { deleteKey, disableKey, enableKey } from '../../../src/domain/accounts.ts';
import { forgetOldSessions } from '../../../src/domain/console-sessions.ts';
import { changeUser } from '../../../src/domain/users.ts';
import { openTurnstile, TurnedAway } from '../../../src/lib/turnstile.ts';
import { eachEngine } from '../../support/engines.ts';
import { createConsoleWorld, refusalOf } from './console-world.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

eachEngine('a session of the console', (database) => {
  it('is opened with a key, and says who is signed in and what that one may call', async () => {
    const { browser, root } = await createConsoleWorld(database);
    const page = browser();
    const nobody = await page.session();
    expect([nobody.status, await nobody.json()]).toEqual([200, null]);
    expect(await refusalOf(await page.call('QueryProductList'))).toEqual([401, 'NotSignedIn']);
    const answer = await page.signIn(root);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const session = await answer.json();
    expect(session).toEqual({
      account: { id: root.accountId, name: 'root' },
      user: null,
      accessKeyId: root.accessKeyId,
      permitted: actions.map(({ name }) => name),
      devicesAt: { host: 'iot.example.com', port: 1884, tls: true },
    });
    expect(await (await page.session()).json()).toEqual(session);
  });

  it('has a cookie that no script reads, no other site sends and the folder of the console bounds', async () => {
    const { browser, root, deps } = await createConsoleWorld(database);
    const [cookie = ''] = (await browser().signIn(root)).headers.getSetCookie();
    const [pair = '', ...attributes] = cookie.split('; ');
    expect(pair).toMatch(/^otaru_session=[0-9A-Za-z]{43}$/);
    expect(attributes).toEqual(['Max-Age=604800', 'HttpOnly', 'SameSite=Strict']);
    const stored = await deps.engine.read.selectFrom('console_session').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(pair.slice('otaru_session='.length));
  });

  it.each([
    ['127.0.0.1', true],
    ['192.0.2.1', false],
  ])(
    'has a cookie for TLS when a proxy says that it came over it, and %s is trusted: %s',
    async (address, isSecure) => {
      const { browser, root } = await createConsoleWorld(database, { trustedProxies: [{ address, prefix: 32 }] });
      const headers = { 'content-type': 'application/json', 'x-forwarded-proto': 'https' };
      const answer = await browser().send('POST', '/console/session', { headers, body: JSON.stringify(root) });
      expect(answer.headers.getSetCookie()[0]?.endsWith('; Secure')).toBe(isSecure);
    },
  );

  it('is refused without saying what was wrong', async () => {
    const { browser, root, deps, warnings } = await createConsoleWorld(database);
    const answers = [
      await browser().signIn({ ...root, accessKeySecret: 'wrong' }),
      await browser().signIn({ ...root, accessKeyId: 'LTAInobody' }),
    ];
    await disableKey(deps, root.accessKeyId);
    answers.push(await browser().signIn(root));
    const told = [];
    for (const answer of answers) {
      expect(answer.headers.getSetCookie()).toEqual([]);
      const { RequestId: _, HostId: __, ...rest } = (await answer.json()) as Record<string, string>;
      told.push([answer.status, rest]);
    }
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(told[0]).toMatchObject([401, { Code: 'SignInFailed' }]);
    expect(warnings).toHaveLength(3);
    expect(JSON.stringify(warnings)).not.toContain('wrong');
  });

  it('refuses what is no sign-in', async () => {
    const { browser, root } = await createConsoleWorld(database);
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{"accessKeyId":1,"accessKeySecret":"x"}',
      JSON.stringify({ ...root, accessKeyId: 'a\0' }),
    ]) {
      const answer = await browser().send('POST', '/console/session', { body });
      expect([body, ...(await refusalOf(answer))]).toEqual([body, 400, 'InvalidRequest']);
    }
    const large = await browser().signIn({ ...root, more: 'x'.repeat(5_000) });
    expect(await refusalOf(large)).toEqual([400, 'InvalidParameter']);
  });

  it('refuses a body that is too large in the words of the API, wherever it goes', async () => {
    const { browser, root, faults } = await createConsoleWorld(database);
    const page = browser();
    await page.signIn(root);
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    for (const path of ['/console/session', '/console/api/ListUsers']) {
      const answer = await page.send('POST', path, { headers, body: `x=${'x'.repeat(5 * 1_048_576)}` });
      expect([path, ...(await refusalOf(answer))]).toEqual([path, 400, 'InvalidParameter']);
    }
    expect(faults).toEqual([]);
  });

  it('ends at sign-out, and a sign-in ends the session before it', async () => {
    const { browser, root, clock, records } = await createConsoleWorld(database);
    const page = browser();
    await page.signIn(root);
    const first = page.cookie;
    await clock.advance(1);
    await page.signIn(root);
    const second = page.cookie;
    page.cookie = first;
    expect((await page.session()).status).toBe(401);
    page.cookie = second;
    await clock.advance(1);
    const out = await page.send('DELETE', '/console/session');
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([
      200,
      'otaru_session=; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
    page.cookie = second;
    expect((await page.session()).status).toBe(401);
    expect((await page.send('DELETE', '/console/session')).status).toBe(200);
    expect((await records()).map(({ action }) => action)).toEqual(['SignIn', 'SignIn', 'SignOut']);
  });

  it('ends when nobody uses it for 12 hours, and after 7 days at the latest', async () => {
    const { browser, root, clock, deps } = await createConsoleWorld(database);
    const page = browser();
    await page.signIn(root);
    const signedInAt = clock.now();
    const kept = () => deps.engine.read.selectFrom('console_session').select('expires_at').execute();
    await clock.advance(11 * HOUR);
    expect((await page.session()).status).toBe(200);
    // what is written without waiting for the disk is read once it is there
    const written = () => deps.engine.transaction(async () => {});
    await written();
    while (clock.now() < signedInAt + 7 * DAY - 6 * HOUR) {
      await clock.advance(6 * HOUR);
      expect((await page.call('QueryProductList', { CurrentPage: '1', PageSize: '1' })).status).toBe(200);
      await written();
    }
    expect(await kept()).toEqual([{ expires_at: signedInAt + 7 * DAY }]);
    await clock.advance(signedInAt + 7 * DAY - clock.now());
    expect((await page.session()).status).toBe(401);

    await page.signIn(root);
    await clock.advance(12 * HOUR);
    expect((await page.session()).status).toBe(401);
    await clock.advance(1);
    await forgetOldSessions(deps);
    expect(await kept()).toEqual([]);
  });

  it('dies with its key at once', async () => {
    const { browser, root, reader, deps } = await createConsoleWorld(database);
    const [page, other] = [browser(), browser()];
    await page.signIn(root);
    await other.signIn(reader);
    await disableKey(deps, root.accessKeyId);
    expect(await refusalOf(await page.session())).toEqual([401, 'NotSignedIn']);
    expect(await refusalOf(await page.call('QueryProductList'))).toEqual([401, 'NotSignedIn']);
    expect((await other.session()).status).toBe(200);
    await enableKey(deps, root.accessKeyId);
    expect((await page.session()).status).toBe(401);
    await deleteKey(deps, reader.accessKeyId);
    expect((await other.session()).status).toBe(401);
  });

  it('opens no more for who has tried in vain too often, and is slowed per address and, by password, per name', async () => {
    const { browser, root, reader, clock, warnings, deps } = await createConsoleWorld(database, {
      trustedProxies: [{ address: '127.0.0.1', prefix: 32 }],
    });
    const from = async (address: string, credentials: object) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
      return (await browser().send('POST', '/console/session', { headers, body: JSON.stringify(credentials) })).status;
    };
    const wrong = (accessKeyId: string) => ({ accessKeyId, accessKeySecret: 'wrong' });
    for (let i = 0; i < 10; i += 1) expect(await from('203.0.113.9', wrong(`LTAI${i}`))).toBe(401);
    expect(await from('203.0.113.9', root)).toBe(429);
    expect(await from('203.0.113.10', root)).toBe(200);
    await clock.advance(6_000);
    expect(await from('203.0.113.9', root)).toBe(200);
    for (let i = 0; i < 10; i += 1) expect(await from(`198.51.100.${i}`, wrong(reader.accessKeyId))).toBe(401);
    expect(await from('192.0.2.1', reader)).toBe(200);

    const password = 'correct horse battery';
    const scope = { accountId: root.accountId, instanceId: '' };
    await changeUser(deps, scope, reader.userId, { password });
    const ways = ['reader', `reader@${root.accountId}`];
    expect(await from('192.0.2.1', { userName: ways[0], password })).toBe(200);
    for (let i = 0; i < 10; i += 1)
      expect(await from(`198.51.101.${i}`, { userName: ways[i % 2], password: 'wrong' })).toBe(401);
    for (const userName of ways) expect(await from('192.0.2.2', { userName, password })).toBe(429);
    // where he has been let in before, he is known
    for (const userName of ways) expect(await from('192.0.2.1', { userName, password })).toBe(200);
    expect(warnings).toHaveLength(33);
    await clock.advance(6_000);
    expect(await from('192.0.2.2', { userName: ways[1], password })).toBe(200);
  });

  it('leaves a record of each sign-in, and no name that belongs to nobody', async () => {
    const { browser, root, reader, clock, records } = await createConsoleWorld(database);
    await browser().signIn(reader);
    await clock.advance(1);
    await browser().signIn({ ...root, accessKeySecret: 'wrong' });
    await clock.advance(1);
    await browser().signIn({ accessKeyId: 'my secret', accessKeySecret: 'wrong' });
    const common = { source: 'console', action: 'SignIn', address: '127.0.0.1', target: {}, made: [] };
    const known = await records();
    expect(known).toMatchObject([
      { ...common, accessKeyId: reader.accessKeyId, userName: 'reader', accountId: root.accountId, result: 'Success' },
      { ...common, accessKeyId: root.accessKeyId, userName: '', accountId: root.accountId, result: 'SignInFailed' },
      { ...common, accessKeyId: '', userName: '', accountId: '', result: 'SignInFailed' },
    ]);
    expect(JSON.stringify(known)).not.toContain('secret');
  });

  it('is not answered while too much waits for the database', async () => {
    const calls = { ...openTurnstile, pass: () => Promise.reject(new TurnedAway()) };
    const { browser, root, faults } = await createConsoleWorld(database, { calls });
    expect(await refusalOf(await browser().signIn(root))).toEqual([503, 'ServiceUnavailable']);
    expect(await refusalOf(await browser().session())).toEqual([503, 'ServiceUnavailable']);
    expect(faults).toEqual([]);
  });
});
