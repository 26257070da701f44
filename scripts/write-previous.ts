import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineOptions, openEngine } from '../src/store/open-engine.ts';
import { postgresUrl, startCluster } from '../test/support/postgres.ts';
import { schemaLines } from '../test/upgrade/support/schema-lines.ts';

/**
 * To be run at a release, on its clean commit: keeps what its code says to the database and what schema it was written
 * for. test/upgrade holds the schemas of the next release against it.
 */
const folder = 'test/upgrade/previous';
const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();

if (git('status', '--porcelain') !== '') throw new Error('Commit first: a release is a commit.');
await using cluster = await startCluster();
if (!cluster) throw new Error('The binaries of a PostgreSQL server are needed (apt-get install postgresql).');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'release.json'), `${JSON.stringify({ commit: git('rev-parse', 'HEAD') }, null, 2)}\n`);
cpSync('src/store/sql', join(folder, 'sql'), { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'otaru-previous-'));
try {
  await writeSchema('sqlite', { file: join(data, 'otaru.db') });
  await writeSchema('postgres', { databaseUrl: postgresUrl(cluster.socket, 'postgres') });
} finally {
  rmSync(data, { recursive: true, force: true });
}

async function writeSchema(kind: 'sqlite' | 'postgres', options: EngineOptions): Promise<void> {
  await using engine = await openEngine(options);
  await engine.migrate();
  const lines = await schemaLines(kind, engine);
  writeFileSync(join(folder, `schema-${kind}.txt`), `${lines.join('\n')}\n`);
}
