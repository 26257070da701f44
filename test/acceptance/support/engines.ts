import { randomBytes } from 'node:crypto';
import { describe, inject } from 'vitest';
import { postgresUrl, runAsAdmin } from '../../support/postgres.ts';

/** Tests of a server; `variables` makes the settings of one on an empty database. */
type Tests = (variables: () => Promise<Record<string, string>>) => void;

/**
 * Runs a group of tests against a server on each database. Those of one run beside those of the other, since most of
 * them wait for a server that waits for something: what the tests share is made in the group.
 */
export function eachDatabase(name: string, tests: Tests): void {
  describe.concurrent(`${name} (SQLite)`, () => inOrder(() => tests(async () => ({}))));
  onPostgres(name, tests);
}

/** As {@link eachDatabase}, for what needs several servers on one database. */
export function onPostgres(name: string, tests: Tests): void {
  describe.skipIf(inject('postgresSocket') === '').concurrent(`${name} (PostgreSQL)`, () =>
    inOrder(() =>
      tests(async () => {
        const socket = inject('postgresSocket');
        const database = `acceptance_${randomBytes(6).toString('hex')}`;
        await runAsAdmin(socket, `create database ${database}`);
        return { OTARU_DATABASE_URL: postgresUrl(socket, database) };
      }),
    ),
  );
}

function inOrder(tests: () => void): void {
  describe('one after the other', { concurrent: false }, tests);
}
