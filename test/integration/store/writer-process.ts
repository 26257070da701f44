/** Inserts keys one after another and prints each one once it is durable: `FILE PREFIX COUNT`. */
import { writeSync } from 'node:fs';
import { openSqlite } from '../../../src/store/engine-sqlite.ts';

const [file = '', prefix = '', count = '0'] = process.argv.slice(2);
await using engine = await openSqlite({ file });
let next = 0;
const work = async () => {
  while (next < Number(count)) {
    const key = `${prefix}-${next++}`;
    await engine.transaction(({ db }) => db.insertInto('meta').values({ key, value: '' }).execute());
    writeSync(1, `${key}\n`);
  }
};
await Promise.all([work(), work(), work()]);
