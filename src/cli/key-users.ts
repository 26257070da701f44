import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createUser, rootAccountId, scopeForOperator } from '../domain/accounts.ts';
import type { Scope } from '../domain/deps.ts';
import { ACCOUNT_NAME } from '../domain/names.ts';
import { changeAccountPassword, changeUser, pageOfUsers, removeUser, userByName } from '../domain/users.ts';
import type { Store } from '../open-store.ts';
import { utcText } from '../wire/time.ts';
import { askPassword } from './ask-password.ts';
import { CommandError, type Output, print, show } from './output.ts';
import { changeStore, withStore } from './store.ts';

/** Whom a command is about. */
export interface Owner {
  readonly account?: string;
  readonly user?: string;
}

/** As the record of a command names it. */
export const namesOf = ({ account, user }: Owner): Record<string, string> => ({
  ...(account === undefined ? {} : { accountId: account }),
  ...(user === undefined ? {} : { name: user }),
});

/** @throws Error with a sentence for the operator */
export async function ownerOf(
  store: Pick<Store, 'engine'>,
  { account, user }: Owner,
): Promise<{ readonly scope: Scope; readonly userId: string | undefined }> {
  const scope = await scopeForOperator(store, { accountId: account });
  if (user === undefined) return { scope, userId: undefined };
  return { scope, userId: (await userByName(store, { accountId: scope.accountId, name: user })).id };
}

async function readPolicy(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`The policy file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

export function addUsers(key: Command): void {
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

  user
    .command('list')
    .description('List the users of an account.')
    .option('--account <id>', 'the root account if left out')
    .option('--json', 'print one line of JSON: an array')
    .action(async ({ json, ...owner }: Output & Owner) => {
      const users = await withStore(async (store) => {
        const { scope } = await ownerOf(store, owner);
        const found = [];
        for (let page = 1; ; page += 1) {
          const { users: some, total } = await pageOfUsers(store, scope, { page, pageSize: 100 });
          found.push(...some);
          if (some.length === 0 || found.length >= total) return found;
        }
      });
      const members = users.map(({ id, name, hasPassword, isActive, createdAt }) => ({
        userId: id,
        name,
        status: isActive ? 'active' : 'inactive',
        password: hasPassword ? 'yes' : 'no',
        createdAt: utcText(createdAt),
      }));
      if (json) return print(JSON.stringify(members));
      for (const one of members) {
        print(
          `${one.userId}  ${one.status.padEnd(8)}  ${one.createdAt}  password ${one.password.padEnd(3)}  ${one.name}`,
        );
      }
    });

  user
    .command('policy')
    .description('Give a user another policy.')
    .option('--account <id>', 'account of the user; the root account if left out')
    .requiredOption('--user <name>', 'name of the user')
    .requiredOption('--policy <file>', 'policy document (JSON) that grants rights')
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & Owner & { policy: string }) => {
      const policy = await readPolicy(options.policy);
      const userId = await changeStore({ command: 'key user policy', target: namesOf(options) }, async (store) => {
        const { scope, userId = '' } = await ownerOf(store, options);
        await changeUser(store, scope, userId, { policy });
        return userId;
      });
      show({ userId, policy: 'changed' }, options);
    });

  const switchUser = (name: string, description: string, isActive: boolean) =>
    user
      .command(name)
      .description(description)
      .option('--account <id>', 'account of the user; the root account if left out')
      .requiredOption('--user <name>', 'name of the user')
      .option('--json', 'print one line of JSON')
      .action(async (options: Output & Owner) => {
        const userId = await changeStore({ command: `key user ${name}`, target: namesOf(options) }, async (store) => {
          const { scope, userId = '' } = await ownerOf(store, options);
          await changeUser(store, scope, userId, { isActive });
          return userId;
        });
        show({ userId, status: isActive ? 'active' : 'inactive' }, options);
      });
  switchUser('enable', 'Accept the keys and the password of a user again.', true);
  switchUser('disable', 'Accept no key and no password of a user from now on; its sessions in the console end.', false);

  user
    .command('delete')
    .description('Forget a user with all its keys; its sessions in the console end.')
    .option('--account <id>', 'account of the user; the root account if left out')
    .requiredOption('--user <name>', 'name of the user')
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & Owner) => {
      const userId = await changeStore({ command: 'key user delete', target: namesOf(options) }, async (store) => {
        const { scope, userId = '' } = await ownerOf(store, options);
        await removeUser(store, scope, userId);
        return userId;
      });
      show({ userId, status: 'deleted' }, options);
    });
}

export function addPassword(key: Command): void {
  key
    .command('password')
    .description('Set the password with which a user, or the account itself, signs in to the console.')
    .option('--account <id>', 'the root account if left out')
    .option('--user <name>', 'the account itself if left out')
    .option('--generate', 'make one, which is shown only here; otherwise it is asked for, or the first line of stdin')
    .option('--remove', 'no password any more')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', '\nSessions that were opened with the password before end at once.')
    .action(async (options: Output & Owner & { generate?: boolean; remove?: boolean }) => {
      if (options.generate && options.remove) throw new CommandError('Use either --generate or --remove.', 2);
      const asked = options.generate || options.remove ? null : await askPassword();
      const told = await changeStore({ command: 'key password', target: namesOf(options) }, async (store) => {
        const { scope, userId } = await ownerOf(store, options);
        const password = options.generate ? store.ids.text(20) : asked;
        if (userId === undefined) await changeAccountPassword(store, scope.accountId, password);
        else await changeUser(store, scope, userId, { password });
        const name = options.user ?? ACCOUNT_NAME;
        const isRoot = scope.accountId === (await rootAccountId(store.engine.read));
        return {
          signInAs: isRoot ? name : `${name}@${scope.accountId}`,
          ...(options.generate && password !== null ? { password } : {}),
          ...(options.remove ? { status: 'removed' } : {}),
        };
      });
      show(told, options);
    });
}
