import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly gypfile?: boolean;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };

describe('package-lock.json', () => {
  it('names no registry', () => {
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('keeps npm 10 from calling a compiler for better-sqlite3, which brings its binaries', () => {
    // the package says so itself in its package.json, but npm 10 looks only here and would run node-gyp;
    // npm drops the member whenever it writes the file: put it back by hand ("gypfile": false)
    expect(packages['node_modules/better-sqlite3']?.gypfile).toBe(false);
  });

  it('holds the binaries of every platform, not only of the one it was written on', () => {
    // npm leaves some out when node_modules exists: delete it and the lock file before writing the lock file anew
    const platforms = Object.keys(packages).filter((name) => name.startsWith('node_modules/@biomejs/cli-'));
    expect(platforms.length).toBe(8);
  });
});
