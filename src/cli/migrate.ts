import { mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { readConfig } from '../config/env.ts';
import { databaseFile } from '../open-store.ts';
import { openEngine } from '../store/open-engine.ts';
import { print } from './output.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('Bring the database to the current schema. The server does so at its start, too.')
    .option('--json', 'print one line of JSON')
    .option('--dry-run', 'only say what is missing')
    .action(async (options: { json?: boolean; dryRun?: boolean }) => {
      const config = readConfig();
      if (config.databaseUrl === undefined) await mkdir(config.data, { recursive: true });
      await using engine = await openEngine(
        config.databaseUrl === undefined ? { file: databaseFile(config) } : { databaseUrl: config.databaseUrl },
      );
      const names = options.dryRun ? await engine.pendingMigrations() : await engine.migrate();
      if (options.json) return print(JSON.stringify(options.dryRun ? { pending: names } : { applied: names }));
      const verb = options.dryRun ? 'Missing' : 'Applied';
      print(names.length === 0 ? `${await engine.describe()} is up to date.` : `${verb}: ${names.join(', ')}`);
    });
}
