import type { Command } from 'commander';
import { createKey } from '../domain/access-keys.ts';
import { createAccount, createInstance, deleteKey, disableKey, enableKey, listKeys } from '../domain/accounts.ts';
import type { Store } from '../open-store.ts';
import { utcText } from '../wire/time.ts';
import { addPassword, addUsers, namesOf, type Owner, ownerOf } from './key-users.ts';
import { CommandError, type Output, print, show } from './output.ts';
import { changeStore, withStore } from './store.ts';

export function addKey(program: Command): void {
  const key = program.command('key').description('Make and manage accounts, users, instances and AccessKeys.');

  const account = key.command('account').description('Accounts own everything; their keys may call every operation.');
  account
    .command('create')
    .description('Make an account with its first key. The secret is shown only here.')
    .requiredOption('--name <name>', 'name of the account')
    .option('--json', 'print one line of JSON')
    .action(async ({ name, ...options }: Output & { name: string }) => {
      const change = { command: 'key account create', target: { name } };
      show({ ...(await changeStore(change, (store) => createAccount(store, name))) }, options);
    });

  addUsers(key);
  addPassword(key);

  const instance = key.command('instance').description('Instances with an id, beside the public one of each account.');
  instance
    .command('create')
    .description('Make an instance; callers address it by IotInstanceId.')
    .requiredOption('--account <id>', 'account of the instance')
    .option('--name <name>', 'name of the instance', '')
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & { account: string; name: string }) => {
      const input = { accountId: options.account, name: options.name };
      const change = { command: 'key instance create', target: input };
      show({ ...(await changeStore(change, (store) => createInstance(store, input))) }, options);
    });

  key
    .command('create')
    .description('Make another key, of an account or of one of its users. The secret is shown only here.')
    .option('--account <id>', 'account of the key; the root account if left out')
    .option('--user <name>', 'user of the key; the account itself if left out')
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & Owner) => {
      const change = { command: 'key create', target: namesOf(options) };
      const pair = await changeStore(change, async (store) => {
        const { scope, userId } = await ownerOf(store, options);
        return createKey(store, scope, userId);
      });
      show({ ...pair }, options);
    });

  key
    .command('list')
    .description('List the AccessKeys, without their secrets.')
    .option('--json', 'print one line of JSON: an array')
    .action(async ({ json }: Output) => {
      const rows = await withStore(listKeys);
      if (json) return print(JSON.stringify(rows.map(keyMembers)));
      for (const row of rows) {
        const { accessKeyId, status, createdAt, accountId } = keyMembers(row);
        const owner = row.user_id === null ? row.account_name : `${row.account_name}/${row.user_name}`;
        print(`${accessKeyId}  ${status.padEnd(8)}  ${createdAt}  ${accountId}  ${owner}`);
      }
    });

  const one = (name: string, description: string, act: (store: Store, id: string) => Promise<boolean>, done: string) =>
    key
      .command(`${name} <keyId>`)
      .description(description)
      .option('--json', 'print one line of JSON')
      .action(async (id: string, options: Output) => {
        await changeStore({ command: `key ${name}`, target: { accessKeyId: id } }, async (store) => {
          if (!(await act(store, id))) throw new CommandError(`There is no key ${id}.`);
        });
        show({ accessKeyId: id, status: done }, options);
      });
  one('enable', 'Accept a key again.', enableKey, 'active');
  one('disable', 'Refuse a key from now on.', disableKey, 'inactive');
  one('delete', 'Forget a key.', deleteKey, 'deleted');
}

const keyMembers = (row: Awaited<ReturnType<typeof listKeys>>[number]) => ({
  accessKeyId: row.id,
  status: row.active ? 'active' : 'inactive',
  accountId: row.account_id,
  accountName: row.account_name,
  ...(row.user_id === null ? {} : { userId: row.user_id, userName: row.user_name }),
  createdAt: utcText(row.created_at),
});
