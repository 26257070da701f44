import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { sqlFiles } from '../test/golden/sql-text.ts';

/** Writes the compiled SQL of every query to src/store/sql, where a reviewer sees it; a golden test compares. */
const files = await sqlFiles();
rmSync('src/store/sql', { recursive: true, force: true });
mkdirSync('src/store/sql');
for (const [name, text] of files) writeFileSync(`src/store/sql/${name}.sql`, text);
