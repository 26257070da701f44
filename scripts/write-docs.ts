import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { apiPages } from './docs/api-pages.ts';
import { coveragePage } from './docs/coverage.ts';

/** Writes docs/api and API_COVERAGE.md; a golden test compares. */
rmSync('docs/api', { recursive: true, force: true });
mkdirSync('docs/api');
for (const [name, text] of apiPages()) writeFileSync(`docs/api/${name}`, text);
writeFileSync('API_COVERAGE.md', coveragePage());
