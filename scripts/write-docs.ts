import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { apiPages } from './docs/api-pages.ts';
import { coveragePage } from './docs/coverage.ts';
import { metricsPage } from './docs/metrics-page.ts';

/** Writes docs/api, API_COVERAGE.md and docs/metrics.md; tests compare. */
rmSync('docs/api', { recursive: true, force: true });
mkdirSync('docs/api');
for (const [name, text] of apiPages()) writeFileSync(`docs/api/${name}`, text);
writeFileSync('API_COVERAGE.md', coveragePage());
writeFileSync('docs/metrics.md', metricsPage());
