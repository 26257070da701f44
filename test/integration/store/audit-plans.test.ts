import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Db } from '../../../src/store/engine.ts';
import { openSqlite } from '../../../src/store/engine-sqlite.ts';
import { deleteOldAudit, listAudit } from '../../../src/store/queries/audit.ts';
import { spyOn } from '../../support/query-spy.ts';

const queries: Readonly<Record<string, readonly [RegExp, (db: Db) => Promise<unknown>]>> = {
  'a page': [/SEARCH audit USING PRIMARY KEY \(at<\?\)/, (db) => listAudit(db, {}, { at: 1, request_id: 'r' }, 500)],
  'a span of time': [
    /SEARCH audit USING PRIMARY KEY \(at>\? AND at<\?\)/,
    (db) => listAudit(db, { since: 1, until: 2, mentions: '"d1"' }, undefined, 500),
  ],
  'an operation': [/USING INDEX audit_action \(action=\?/, (db) => listAudit(db, { action: 'a' }, undefined, 500)],
  'a key': [/USING INDEX audit_key \(access_key_id=\?/, (db) => listAudit(db, { accessKeyId: 'k' }, undefined, 500)],
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
  for (const each of plans) expect(each).not.toMatch(/\bSCAN\b|TEMP B-TREE/);
  expect(plans.join('\n')).toMatch(plan);
});
