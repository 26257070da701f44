import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errors } from '../../src/contract/errors.ts';
import { actions } from '../../src/contract/index.ts';

/**
 * What each part of `src/` may import besides itself (ARCHITECTURE.md). The lint rules of `biome.layers.json` say the
 * same to an editor; this table is independent of them.
 */
const ground = ['contract', 'lib'];
const below = ['actions', 'domain', 'store', 'blob', 'net', 'wire', 'config', ...ground];
const layers: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  lib: [],
  config: ground,
  wire: ground,
  store: ['wire', ...ground],
  blob: ['wire', ...ground],
  net: ['wire', ...ground],
  simulate: ['wire', ...ground],
  domain: ['store', 'blob', 'wire', ...ground],
  actions: ['domain', 'store', 'blob', 'wire', ...ground],
  http: below,
  mqtt: below,
  scheduler: below,
  'events-out': below,
  metrics: below,
  'open-store.ts': ['store', 'config', ...ground],
  'server.ts': ['http', 'mqtt', 'scheduler', 'events-out', 'metrics', 'open-store.ts', ...below],
  // one delivery on trial is sent by the command itself
  cli: ['server.ts', 'open-store.ts', 'simulate', 'events-out', ...below],
  'main.ts': ['cli'],
};

const root = 'src';
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const code = new Map(files.map((file) => [file, withoutComments(readFileSync(join(root, file), 'utf8'))]));

/** Good enough for code that the formatter has seen; an address in a string keeps its slashes. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<![:'"`\\])\/\/.*$/gm, '');
}

const roomOf = (file: string) => file.split('/')[0] ?? file;
const importsOf = (file: string) =>
  [...(code.get(file) ?? '').matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'|new URL\('(\.[^']+\.ts)'/g)].map((match) =>
    normalize(join(dirname(file), match[1] ?? match[2] ?? '')),
  );
/** Files whose code matches, without those that may. */
const filesWith = (pattern: RegExp, mayHave: (file: string) => boolean) =>
  files.filter((file) => !mayHave(file) && pattern.test(code.get(file) ?? ''));

describe('the house', () => {
  it('has no room that the layer table does not know', () => {
    expect(files.map(roomOf).filter((room) => !layers[room])).toEqual([]);
  });

  it('imports downwards only, and files that exist', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => {
          const [from, to] = [roomOf(file), roomOf(target)];
          return !code.has(target) || !(from === to || layers[from]?.includes(to));
        })
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no import cycle', () => {
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')];
      if (done.has(file)) return [];
      const cycles = importsOf(file).flatMap((target) => walk(target, [...path, file]));
      done.add(file);
      return cycles;
    };
    expect(files.flatMap((file) => walk(file, []))).toEqual([]);
  });

  it('asks which database engine runs in the store only', () => {
    // those who open the database may name it
    const mayHave = (file: string) => ['store', 'config', 'cli', 'open-store.ts'].includes(roomOf(file));
    expect(filesWith(/sqlite|postgres/i, mayHave)).toEqual([]);
  });

  it('reads the environment in config/env.ts only', () => {
    expect(filesWith(/process\s*\.\s*env|process\[/, (file) => file === 'config/env.ts')).toEqual([]);
  });

  it('asks lib/clock.ts for the time', () => {
    const clock = (file: string) => file === 'lib/clock.ts';
    expect(filesWith(/Date\.now|new Date\(\)|performance\.now|process\.hrtime/, clock)).toEqual([]);
    // commands wait in real time; a retry of the database has no other clock than the database
    const waits = (file: string) => clock(file) || ['cli', 'simulate', 'store'].includes(roomOf(file));
    expect(filesWith(/setTimeout|setInterval|node:timers/, waits)).toEqual([]);
  });

  it('changes the state of a task by the table in task-state.ts only', () => {
    const only =
      (...allowed: readonly string[]) =>
      (file: string) =>
        allowed.includes(file);
    const queries = 'store/queries/tasks.ts';
    expect(filesWith(/(updateTable|insertInto|bulkInsert)\('task'|update task set/, only(queries))).toEqual([]);
    expect(filesWith(/\bupdateTasks\b|as Changed\b/, only(queries, 'domain/task-changes.ts'))).toEqual([]);
    // the state of a new task comes from the same table
    expect(filesWith(/\binsertTasks\b/, only(queries, 'domain/rollout/materialise.ts'))).toEqual([]);
    const named = /\bstatus: '(CONFIRM|QUEUED|NOTIFIED|SUCCEEDED|FAILED)'/;
    expect(filesWith(named, (file) => roomOf(file) !== 'domain')).toEqual([]);
  });

  it('knows the library of metrics in one room', () => {
    expect(filesWith(/prom-client/, (file) => roomOf(file) === 'metrics')).toEqual([]);
  });

  it('keeps each handler in a file named like its action', () => {
    const missing = actions.map(({ family, name }) => `actions/${family}/${name}.ts`).filter((file) => !code.has(file));
    expect(missing).toEqual([]);
  });

  it('has no error in the catalogue that nothing answers', () => {
    const used = [...code].filter(([file]) => roomOf(file) !== 'contract').map(([, text]) => text);
    const unused = Object.keys(errors).filter((key) => !used.some((text) => text.includes(`'${key}'`)));
    expect(unused).toEqual([]);
  });

  it('says in a decision record why it has each dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const folder = 'docs/adr';
    const records = existsSync(folder)
      ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
      : [];
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
    expect(names.filter((name) => !records.some((text) => text.includes(name)))).toEqual([]);
  });
});
