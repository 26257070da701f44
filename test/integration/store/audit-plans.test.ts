import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Db } from '../../../src/store/engine.ts';
import { openSqlite } from '../../../src/store/engine-sqlite.ts';
import { deleteOldAudit, endOfAudit, listAudit, listAuditIn } from '../../../src/store/queries/audit.ts';
import { spyOn } from '../../support/query-spy.ts';

const stretch = { accountId: 'a', before: { at: 2, request_id: 'r' }, length: 20_000 };
const ofAccount = /USING (COVERING )?INDEX audit_account \(account_id=\? AND at>\? AND at<\?\)/;

const queries: Readonly<Record<string, readonly [RegExp, (db: Db) => Promise<unknown>]>> = {
  'a page': [/SEARCH audit USING PRIMARY KEY \(at<\?\)/, (db) => listAudit(db, {}, { at: 1, request_id: 'r' }, 500)],
  'a span of time': [
    /SEARCH audit USING PRIMARY KEY \(at>\? AND at<\?\)/,
    (db) => listAudit(db, { since: 1, until: 2, mentions: '"d1"' }, undefined, 500),
  ],
  'an operation': [/USING INDEX audit_action \(action=\?/, (db) => listAudit(db, { action: 'a' }, undefined, 500)],
  'a key': [/USING INDEX audit_key \(access_key_id=\?/, (db) => listAudit(db, { accessKeyId: 'k' }, undefined, 500)],
  'a stretch of an account': [
    ofAccount,
    (db) => listAuditIn(db, stretch, { since: 1, action: 'a', accessKeyId: 'k', mentions: '"d1"' }, 50),
  ],
  'the end of one': [ofAccount, (db) => endOfAudit(db, stretch, { since: 1 })],
  'what is old': [/SEARCH audit USING PRIMARY KEY \(at<\?\)/, (db) => deleteOldAudit(db, 1, 1_000)],
};

it.each(Object.entries(queries))('the audit finds %s by an index and does not sort', async (_, [plan, query]) => {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-plans-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using engine = await openSqlite({ file: join(folder, 'otaru.db') });
  await engine.migrate();
  const plans = await engine.transaction(async ({ db }) => {
    const spy = spyOn(db, 'sqlite');
    await query(spy.db);
    return spy.plans();
  });
  // what fits is looked for in a stretch, row by row and in its order
  for (const each of plans) expect(each).not.toMatch(/\bSCAN (?!stretch)|TEMP B-TREE/);
  expect(plans.join('\n')).toMatch(plan);
});
