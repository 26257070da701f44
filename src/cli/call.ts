import type { Command } from 'commander';
import type { ActionEntry } from '../contract/action.ts';
import { actions } from '../contract/index.ts';
import type { Field, Fields } from '../contract/schema.ts';
import { rightTo } from '../domain/policy.ts';
import { ApiError } from './api-client.ts';
import { type ConnectionOptions, connect, withConnection } from './connection.ts';
import { CommandError, print } from './output.ts';

export function addCall(program: Command): void {
  withConnection(program.command('call [action] [parameters...]'))
    .description('Call an action of the API, signed: otaru call ListOTATaskByJob JobId=… CurrentPage=1 PageSize=10')
    .option('--list', 'list the actions')
    .option('--describe', 'show the parameters of the action')
    .option('--compact', 'print the answer on one line')
    .action(
      async (
        name: string | undefined,
        words: string[],
        options: ConnectionOptions & { list?: boolean; describe?: boolean; compact?: boolean },
      ) => {
        if (options.list || name === undefined) {
          for (const entry of actions) print(`${entry.name.padEnd(30)} ${entry.summary}`);
          return;
        }
        const entry = actions.find((action) => action.name === name);
        if (options.describe) {
          if (!entry) throw new CommandError(`There is no action ${name}; otaru call --list shows those there are.`, 2);
          return describe(entry);
        }
        try {
          const answer = await connect(options).call(name, readParameters(words));
          print(JSON.stringify(answer, null, options.compact ? undefined : 2));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          print(JSON.stringify(error.answer, null, options.compact ? undefined : 2));
          throw new CommandError(error.message);
        }
      },
    );
}

function readParameters(words: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new CommandError(`"${word}" is not Name=value; lists are Name.1=… Name.2=…`, 2);
    parameters[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return parameters;
}

function describe(entry: ActionEntry): void {
  print(`${entry.name}: ${entry.summary}`);
  if (entry.extension) print(`An extension of the vendor's API; a RAM user needs the right ${rightTo(entry)}.`);
  print(`At most ${entry.qps} calls a second for an account.\n`);
  const rows = rowsOf(entry.request);
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, doc] of rows) print(`  ${label.padEnd(width)}  ${doc}`.trimEnd());
}

function rowsOf(fields: Fields, prefix = ''): [label: string, doc: string][] {
  return Object.entries(fields).flatMap(([name, field]) => rowsOfField(`${prefix}${name}`, field));
}

function rowsOfField(name: string, field: Field): [string, string][] {
  if (field.kind === 'list') {
    const own: [string, string] = [`${name}.N${field.required ? '*' : ''}`, field.doc];
    return field.of.kind === 'object' ? [own, ...rowsOf(field.of.fields, `${name}.N.`)] : [own];
  }
  const type = field.kind === 'text' ? '' : ` (${field.kind})`;
  return [[`${name}${field.required ? '*' : ''}${type}`, field.doc]];
}
