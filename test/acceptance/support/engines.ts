import { randomBytes } from 'node:crypto';
import { describe, inject } from 'vitest';
import { postgresUrl, runAsAdmin } from '../../support/postgres.ts';

/** Runs a group of tests against a server on each database; `variables` makes the settings of an empty one. */
export function eachDatabase(name: string, tests: (variables: () => Promise<Record<string, string>>) => void): void {
  describe(`${name} (SQLite)`, () => tests(async () => ({})));
  onPostgres(name, tests);
}

/** As {@link eachDatabase}, for what needs several servers on one database. */
export function onPostgres(name: string, tests: (variables: () => Promise<Record<string, string>>) => void): void {
  describe.skipIf(inject('postgresSocket') === '')(`${name} (PostgreSQL)`, () =>
    tests(async () => {
      const socket = inject('postgresSocket');
      const database = `acceptance_${randomBytes(6).toString('hex')}`;
      await runAsAdmin(socket, `create database ${database}`);
      return { OTARU_DATABASE_URL: postgresUrl(socket, database) };
    }),
  );
}
