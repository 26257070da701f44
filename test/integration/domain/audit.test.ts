import { beforeEach, expect, it } from 'vitest';
import {
  type AuditedCall,
  type AuditQuery,
  type AuditRecord,
  audited,
  auditRecords,
  forgetOldRecords,
  pageOfAudit,
  SUCCESS,
  targetOf,
} from '../../../src/domain/audit.ts';
import type { Engine } from '../../../src/store/engine.ts';
import { putAudit } from '../../../src/store/queries/audit.ts';
import { settleMeta } from '../../../src/store/queries/meta.ts';
import { eachEngine } from '../../support/engines.ts';
import { createTestClock, TEST_START, type TestClock } from '../../support/test-clock.ts';

const DAY = 24 * 60 * 60_000;

const call = (over: Partial<AuditedCall> = {}): AuditedCall => ({
  source: 'api',
  requestId: 'request-1',
  accountId: 'account',
  userId: '',
  userName: '',
  accessKeyId: 'key',
  address: '192.0.2.1',
  action: 'DoSomething',
  target: { JobId: 'job-1' },
  resultOf: (error) => `code of ${(error as Error).message}`,
  ...over,
});

eachEngine('the audit', (database) => {
  let engine: Engine;
  let clock: TestClock;
  let deps: { engine: Engine; clock: TestClock };

  beforeEach(async () => {
    engine = await database.open();
    clock = createTestClock();
    deps = { engine, clock };
  });

  async function records(query: AuditQuery = {}): Promise<AuditRecord[]> {
    const all: AuditRecord[] = [];
    for await (const record of auditRecords(deps, query)) all.push(record);
    return all;
  }
  const results = async () => (await records()).map(({ result }) => result);
  const change = (on: Engine, key: string) => on.transaction((tx) => settleMeta(tx.db, key, 'set'));
  const meta = async () =>
    (await engine.read.selectFrom('meta').select('key').orderBy('key').execute()).map((r) => r.key);

  it('shows an account its own records only, page by page, each page at a bounded cost', async () => {
    for (let number = 0; number < 40; number += 1) {
      const accountId = number % 2 === 0 ? 'mine' : 'theirs';
      const action = number % 10 === 0 ? 'Rare' : 'Often';
      // several in a millisecond
      if (number % 4 === 0) await clock.advance(1);
      await audited(
        deps,
        call({ accountId, action, requestId: `r-${String(number).padStart(2, '0')}` }),
        async () => {},
      );
    }
    await audited(deps, call({ accountId: '', source: 'cli', requestId: 'command' }), async () => {});
    const read = async (accountId: string, query: AuditQuery, size: number, lookedAt?: number) => {
      const pages: string[][] = [];
      let token: string | undefined;
      do {
        const page = await pageOfAudit(deps, accountId, query, { size, token, ...(lookedAt && { lookedAt }) });
        pages.push(page.records.map(({ requestId }) => requestId));
        token = page.nextToken;
      } while (token);
      return pages;
    };
    const all = await read('mine', {}, 7);
    expect(all.map(({ length }) => length)).toEqual([7, 7, 6]);
    expect(all.flat().sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => `r-${String(index * 2).padStart(2, '0')}`).sort(),
    );
    const ofAccount = (await records()).filter(({ accountId }) => accountId === 'mine');
    expect(all.flat()).toEqual(ofAccount.map(({ requestId }) => requestId));
    // five of mine are looked at for each page
    expect(await read('mine', { action: 'Rare' }, 7, 5)).toEqual([['r-30'], ['r-20'], ['r-10'], ['r-00'], []]);
    expect((await read('mine', { action: 'Rare', target: 'job-1' }, 7)).flat()).toEqual([
      'r-30',
      'r-20',
      'r-10',
      'r-00',
    ]);
    expect(await read('mine', { target: 'job-2' }, 7)).toEqual([[]]);
    expect(await read('nobody', {}, 7)).toEqual([[]]);
    const { nextToken } = await pageOfAudit(deps, 'mine', {}, { size: 1 });
    const strange = pageOfAudit(deps, 'theirs', {}, { size: 1, token: nextToken });
    await expect(strange).rejects.toMatchObject({ key: 'common.illegalPageToken' });
  });

  it('says who did what to which, and what came of it', async () => {
    await audited(deps, call({ userId: 'u1', userName: 'ann' }), (on) =>
      on.transaction(async (tx) => {
        await settleMeta(tx.db, 'a', '1');
        tx.made('thing-1');
      }),
    );
    const { resultOf: _, ...said } = call({ userId: 'u1', userName: 'ann' });
    expect(await records()).toEqual([{ ...said, at: TEST_START, made: ['thing-1'], result: SUCCESS }]);
  });

  it('is written by the transaction that changes something, so that neither is without the other', async () => {
    const before = engine.stats().transactions;
    await audited(deps, call(), (on) => change(on, 'a'));
    expect(engine.stats().transactions).toBe(before + 1);

    // a record that cannot be written takes the change along
    const broken: Engine = {
      ...engine,
      transaction: (work) =>
        engine.transaction(async (tx) => {
          const result = await work(tx);
          await tx.db.insertInto('meta').values({ key: 'a', value: 'twice' }).execute();
          return result;
        }),
    };
    await expect(
      audited({ engine: broken, clock }, call({ requestId: '2' }), (on) => change(on, 'b')),
    ).rejects.toThrow();
    expect(await meta()).not.toContain('b');
    expect(await results()).toEqual([SUCCESS]);
  });

  it('has one record of a call that works in several transactions', async () => {
    await audited(deps, call(), async (on) => {
      await change(on, 'a');
      await change(on, 'b');
      await Promise.all([change(on, 'c'), change(on, 'd')]);
    });
    await audited(deps, call({ requestId: '2' }), (on) => Promise.all([change(on, 'e'), change(on, 'f')]));
    expect(await results()).toEqual([SUCCESS, SUCCESS]);
  });

  it('tells of a call that failed after its first transaction by how it ended', async () => {
    const failing = audited(deps, call(), async (on) => {
      await on.transaction(async (tx) => tx.made('thing-1'));
      throw new Error('later');
    });
    await expect(failing).rejects.toThrow('later');
    expect(await records()).toMatchObject([{ result: 'code of later', made: ['thing-1'] }]);
  });

  it('keeps a refused call and nothing of what it tried', async () => {
    const refused = audited(deps, call(), (on) =>
      on.transaction(async (tx) => {
        await settleMeta(tx.db, 'a', '1');
        tx.made('thing-1');
        throw new Error('no');
      }),
    );
    await expect(refused).rejects.toThrow('no');
    expect(await records()).toMatchObject([{ result: 'code of no', made: [] }]);
    expect(await meta()).not.toContain('a');
  });

  it('counts a transaction that comes after one that failed', async () => {
    await audited(deps, call(), async (on) => {
      await on.transaction(() => Promise.reject(new Error('first'))).catch(() => {});
      await change(on, 'a');
    });
    expect(await results()).toEqual([SUCCESS]);
  });

  it('has a record of a call that finds nothing to change', async () => {
    await audited(deps, call(), async () => {});
    expect(await results()).toEqual([SUCCESS]);
  });

  it('does not let a refusal pass that it could not record', async () => {
    const broken: Engine = { ...engine, transaction: () => Promise.reject(new Error('disk full')) };
    const refused = audited({ engine: broken, clock }, call(), () => Promise.reject(new Error('no')));
    await expect(refused).rejects.toThrow('a refused call could not be recorded');
  });

  it('keeps what callers name short and fit for both databases', async () => {
    const names = Array.from({ length: 250 }, (_, index) => [`DeviceName.${index + 1}`, `d${index}`] as const);
    const target = targetOf(
      ['DeviceName', 'ProductKey'],
      [['ProductKey', `\ud800${'x'.repeat(100_000)}`], ['IotInstanceId', ''], ['Props', 'secret'], ...names],
    );
    expect(Object.keys(target)).toHaveLength(201);
    expect(target['ProductKey']).toBe(`\ufffd${'x'.repeat(127)}`);
    expect(target['DeviceName.199']).toBe('d198');
    expect(target['…']).toBe('51 more');
    await audited(deps, call({ target }), (on) => change(on, 'a'));
    expect((await records())[0]?.target).toEqual(target);
  });

  const add = (over: Partial<AuditedCall>, work: (on: Engine) => Promise<unknown> = async () => {}) =>
    audited(deps, call(over), work).catch(() => {});

  it('finds calls by time, operation, key, user, result and target', async () => {
    await add({ requestId: '1', action: 'DeleteDevice', target: { IotId: 'd1' } });
    await clock.advance(1_000);
    await add({ requestId: '2', accessKeyId: 'other', userId: 'u1', userName: 'ann', target: { IotId: 'D1' } });
    await clock.advance(1_000);
    await add({ requestId: '3', target: { 'DeviceName.1': '50%_off\\"' } }, () => Promise.reject(new Error('no')));
    await add({ requestId: '4', target: {} }, (on) => on.transaction(async (tx) => tx.made('d1')));

    const found = async (query: AuditQuery) => (await records(query)).map(({ requestId }) => requestId);
    expect(await found({})).toEqual(['4', '3', '2', '1']);
    expect(await found({ since: TEST_START + 1_000 })).toEqual(['4', '3', '2']);
    expect(await found({ until: TEST_START + 1_000 })).toEqual(['1']);
    expect(await found({ action: 'DeleteDevice' })).toEqual(['1']);
    expect(await found({ accessKeyId: 'other' })).toEqual(['2']);
    expect(await found({ user: 'ann' })).toEqual(['2']);
    expect(await found({ user: 'u1' })).toEqual(['2']);
    expect(await found({ result: 'code of no' })).toEqual(['3']);
    expect(await found({ refused: true })).toEqual(['3']);
    expect(await found({ target: 'd1' })).toEqual(['4', '1']);
    expect(await found({ target: '50%_off\\"' })).toEqual(['3']);
    expect(await found({ target: '50%' })).toEqual([]);
    expect(await found({ target: 'IotId' })).toEqual([]);
  });

  const fill = (count: number) =>
    engine.transaction(async (tx) => {
      for (let index = 0; index < count; index += 1) {
        const at = clock.now() + Math.floor(index / 3);
        const { resultOf: _, ...said } = call();
        await putAudit(tx.db, {
          at,
          request_id: `r${String(index).padStart(5, '0')}`,
          source: said.source,
          account_id: said.accountId,
          user_id: '',
          user_name: '',
          access_key_id: said.accessKeyId,
          address: said.address,
          action: said.action,
          target: '{}',
          made: '[]',
          result: SUCCESS,
        });
      }
    });

  it('is read a page at a time, each record once', async () => {
    await fill(1_201);
    const all = await records();
    expect(all.map(({ requestId }) => requestId)).toEqual(
      Array.from({ length: 1_201 }, (_, index) => `r${String(1_200 - index).padStart(5, '0')}`),
    );
    for await (const record of auditRecords(deps, {})) {
      expect(record.requestId).toBe('r01200');
      break;
    }
  });

  it('forgets what is older than it is to be kept, in steps', async () => {
    await fill(2_500);
    await clock.advance(10 * DAY);
    await add({ requestId: 'new' });
    let renewed = 0;
    const renew = async () => void (renewed += 1);
    await forgetOldRecords(deps, 11, renew);
    expect(await records()).toHaveLength(2_501);
    await forgetOldRecords(deps, 9, renew);
    expect((await records()).map(({ requestId }) => requestId)).toEqual(['new']);
    expect(renewed).toBe(2);
  });
});
