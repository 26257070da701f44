import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Compiles src/ to dist/ for the package and for the acceptance tests. */
rmSync('dist', { recursive: true, force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
