import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createAccount, createInstance, createUser, deleteKey, disableKey, listKeys } from '../domain/accounts.ts';
import type { Store } from '../open-store.ts';
import { utcText } from '../wire/time.ts';
import { CommandError, type Output, print, show } from './output.ts';
import { changeStore, withStore } from './store.ts';

async function readPolicy(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`The policy file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

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

  const user = key.command('user').description('RAM users of an account, who may do what their policy says.');
  user
    .command('create')
    .description('Make a user with a first key. Without a policy it has no rights.')
    .requiredOption('--account <id>', 'account of the user')
    .requiredOption('--name <name>', 'name of the user, unique in the account')
    .option('--policy <file>', 'policy document (JSON) that grants rights')
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & { account: string; name: string; policy?: string }) => {
      const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
      const named = { accountId: options.account, name: options.name };
      const input = { ...named, ...(policy === undefined ? {} : { policy }) };
      const change = { command: 'key user create', target: named };
      show({ ...(await changeStore(change, (store) => createUser(store, input))) }, options);
    });

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
