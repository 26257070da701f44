import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/**
 * Compiles src/ and web/ to dist/ for the package and for the tests that run the package. `build.ts console` makes only
 * the console, if it is missing or older than what it is made of: before a server that runs from its sources.
 */
const VITE = 'node_modules/.bin/vite';
const CONSOLE = 'dist/console';

if (process.argv[2] === 'console') {
  // without development dependencies there is none; the server then says what to do
  if (existsSync(VITE) && isOutdated()) buildConsole();
} else {
  rmSync('dist', { recursive: true, force: true });
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  buildConsole();
}

function isOutdated(): boolean {
  const made = statSync(join(CONSOLE, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ['package-lock.json', ...filesIn('web')].some((file) => statSync(file).mtimeMs > made);
}

function buildConsole(): void {
  execFileSync(VITE, ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'], { stdio: 'inherit' });
  // a file of the console is sent as one of these to a browser that takes it
  for (const file of filesIn(CONSOLE).filter((name) => /\.(html|js|css|svg)$/.test(name))) {
    const bytes = readFileSync(file);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
