import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sqlFiles } from './sql-text.ts';

describe('the SQL that reviewers see in src/store/sql', async () => {
  const files = await sqlFiles();

  it('has one file for each module of queries', () => {
    expect(readdirSync('src/store/sql').sort()).toEqual([...files.keys()].map((name) => `${name}.sql`).sort());
  });

  it.each([...files])('is what %s runs (npm run sql writes it anew)', (name, text) => {
    expect(text).toBe(readFileSync(`src/store/sql/${name}.sql`, 'utf8'));
  });
});
