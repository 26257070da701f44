import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `npm run previous` kept of the release before this one. */
const kept = new URL('../previous/', import.meta.url);
const root = join(import.meta.dirname, '../../..');

const previousCommit: string = JSON.parse(readFileSync(new URL('release.json', kept), 'utf8')).commit;

export const previousSchema = (kind: 'sqlite' | 'postgres'): string[] =>
  readFileSync(new URL(`schema-${kind}.txt`, kept), 'utf8')
    .trimEnd()
    .split('\n');

/** Every statement of the previous release as an engine gets it, under the name of its query. */
export function previousStatements(kind: 'sqlite' | 'postgres'): [query: string, statement: string][] {
  return readdirSync(new URL('sql/', kept)).flatMap((file) =>
    readFileSync(new URL(`sql/${file}`, kept), 'utf8')
      .split(/\n\n(?=-- )/)
      .slice(1)
      .flatMap((section) => {
        const [, query = '', text = ''] = /^-- (\w+)\n([\s\S]*)$/.exec(section) ?? [];
        return statementsOf(text, kind).map((each): [string, string] => [`${file.replace('.sql', '')}.${query}`, each]);
      }),
  );
}

/** Reads what test/golden/sql-text.ts writes: one statement ends where a line ends with a semicolon, or with its lock. */
function statementsOf(text: string, kind: 'sqlite' | 'postgres'): string[] {
  const [shared = '', sqlite = '', postgres = ''] = text.split(/^-- on (?:SQLite|PostgreSQL)\n/m);
  const statements = `${shared || (kind === 'sqlite' ? sqlite : postgres)}\n`;
  return [...statements.matchAll(/^(?!--)([\s\S]+?);(?: -- on PostgreSQL: (.*))?\n/gm)].map(
    ([, statement = '', lock]) => (lock && kind === 'postgres' ? `${statement}\n${lock}` : statement),
  );
}

/** Why the code of the previous release cannot be run here; undefined where it can. */
export function whyNoPreviousCode(): string | undefined {
  try {
    execFileSync('git', ['cat-file', '-e', `${previousCommit}^{commit}`], { cwd: root, stdio: 'pipe' });
    return undefined;
  } catch {
    return `the commit ${previousCommit} of the previous release is not in this copy of the repository (git fetch --unshallow)`;
  }
}

/** The code of the previous release in a folder of its own, beside the packages of this one. */
export function checkOutPrevious(): Disposable & { readonly main: string } {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-previous-'));
  const archive = execFileSync('git', ['archive', previousCommit, 'src', 'package.json'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    main: join(folder, 'src/main.ts'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
