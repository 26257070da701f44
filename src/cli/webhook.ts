import { type Command, InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../config/env.ts';
import { scopeForOperator } from '../domain/accounts.ts';
import { deliveriesOfWebhook, overviewOfWebhooks, replayWebhook } from '../domain/webhook-log.ts';
import {
  addWebhook as addEndpoint,
  changeWebhook,
  OLD_SECRET_MS,
  removeWebhook,
  rotateWebhook,
  testMessage,
} from '../domain/webhooks.ts';
import { createWebhookSender } from '../events-out/webhook-sender.ts';
import type { Store } from '../open-store.ts';
import { utcText } from '../wire/time.ts';
import { CommandError, type Output, print, show } from './output.ts';
import { changeStore, withStore } from './store.ts';

const HOUR_MS = 3_600_000;
const states = { waiting: 'due', dead: 'dead', delivered: 'done' } as const;
type StateName = keyof typeof states;

/** Endpoints that events are sent to. They are made on the database, as keys are: the vendor's API knows none. */
export function addWebhook(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('Send events (devices, versions, tasks, jobs) to endpoints of yours: see docs/events.md.');

  webhook
    .command('add')
    .description('Send events to a URL from now on. The secret that signs them is shown only here.')
    .requiredOption('--url <url>', 'where to send: https://… or http://…')
    .option('--types <types...>', 'event types, families such as ota.task.* or * for all', ['*'])
    .option('--product <keys...>', 'only events of these products', [])
    .option('--description <text>', 'for people', '')
    .option('--account <id>', 'account of the instance (default: the root account)')
    .option('--instance <id>', 'IotInstanceId (default: the public instance)')
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & AddOptions) => {
      const { url, types, product, description, account, instance } = options;
      // of the URL no more than the origin: the rest may be a key to it
      const change = { command: 'webhook add', target: { origin: URL.parse(url)?.origin ?? '' } };
      const made = await changeStore(change, async (store) => {
        const scope = await scopeForOperator(store, { accountId: account, iotInstanceId: instance });
        return addEndpoint(store, scope, { url, types, products: product, description });
      });
      show({ ...made }, options);
    });

  webhook
    .command('list')
    .description('List the webhooks of all accounts, without their secrets.')
    .option('--json', 'print one line of JSON: an array')
    .action(async ({ json }: Output) => {
      const rows = (await withStore((store) => overviewOfWebhooks(store))).map(members);
      if (json) return print(JSON.stringify(rows));
      for (const { webhookId, status, disabledWhy, waiting, dead, types, products, url } of rows) {
        const filter = [types.join(' '), ...(products.length > 0 ? [`of ${products.join(' ')}`] : [])].join(' ');
        const counts = `${waiting} waiting, ${dead} dead`;
        print(
          `${webhookId}  ${status.padEnd(3)}  ${counts}  ${url}  ${filter}${disabledWhy ? `  (${disabledWhy})` : ''}`,
        );
      }
    });

  const one = (name: string, description: string, act: (store: Store, id: string) => Promise<boolean>, done: string) =>
    webhook
      .command(`${name} <webhookId>`)
      .description(description)
      .option('--json', 'print one line of JSON')
      .action(async (id: string, options: Output) => {
        await changing(name, id, async (store) => (await act(store, id)) || undefined);
        show({ webhookId: id, status: done }, options);
      });
  one('remove', 'Forget a webhook with all that it has still to be told.', removeWebhook, 'removed');
  one(
    'enable',
    'Switch a webhook on. What waited for it is sent.',
    (store, id) => changeWebhook(store, id, { enabled: true }),
    'on',
  );
  one(
    'disable',
    'Switch a webhook off. Events that happen meanwhile are not kept for it.',
    (store, id) => changeWebhook(store, id, { enabled: false }),
    'off',
  );

  webhook
    .command('rotate <webhookId>')
    .description('Give a webhook a new secret, shown only here. The old one signs, too, for a while.')
    .option('--keep-old <hours>', 'how long the old secret signs', number(0, 720), OLD_SECRET_MS / HOUR_MS)
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: Output & { keepOld: number }) => {
      const rotate = (store: Store) => rotateWebhook(store, id, options.keepOld * HOUR_MS);
      const { webhookId, secret, oldSecretUntil } = await changing('rotate', id, rotate);
      show({ webhookId, secret, oldSecretUntil: utcText(oldSecretUntil) }, options);
    });

  webhook
    .command('test <webhookId>')
    .description(
      'Send one signed event of type webhook.test now, whether the webhook is on or off, and print the answer.',
    )
    .option('--json', 'print one line of JSON')
    .action(sendTest);

  webhook
    .command('deliveries <webhookId>')
    .description('List what was sent, is to be sent and was given up, the newest events first.')
    .addOption(new Option('--state <state>', 'only those').choices(Object.keys(states)))
    .option('--limit <number>', 'at most so many', number(1, 10_000), 50)
    .option('--json', 'print one line of JSON: an array')
    .action((id: string, options: Output & { state?: StateName; limit: number }) =>
      printDeliveries(id, options.state, options),
    );
  webhook
    .command('dead <webhookId>')
    .description('List what was given up after the last attempt, the latest first.')
    .option('--limit <number>', 'at most so many', number(1, 10_000), 50)
    .option('--json', 'print one line of JSON: an array')
    .action((id: string, options: Output & { limit: number }) => printDeliveries(id, 'dead', options));

  webhook
    .command('replay <webhookId>')
    .description('Send again what was given up, from the first attempt on.')
    .option('--event <id>', 'only this event, whatever came of it')
    .option('--delivered', 'also all that was delivered and is still in the log')
    .option('--json', 'print one line of JSON')
    .action(async (id: string, options: Output & { event?: string; delivered?: boolean }) => {
      const { event, delivered } = options;
      const what = { eventIds: event === undefined ? undefined : [event], delivered };
      const { total } = await changing('replay', id, (store) => replayWebhook(store, id, what));
      if (event !== undefined && total === 0) throw new CommandError(`The webhook knows no event ${event}.`);
      show({ webhookId: id, replayed: String(total) }, options);
    });
}

interface AddOptions {
  readonly url: string;
  readonly types: string[];
  readonly product: string[];
  readonly description: string;
  readonly account?: string;
  readonly instance?: string;
}

const unknown = (id: string) => new CommandError(`There is no webhook ${id}.`);

/** Changes an endpoint, which is known not to be there when nothing comes of it. */
function changing<T>(name: string, id: string, work: (store: Store) => Promise<T | undefined>): Promise<T> {
  return changeStore({ command: `webhook ${name}`, target: { webhookId: id } }, async (store) => {
    const result = await work(store);
    if (result === undefined) throw unknown(id);
    return result;
  });
}

const number = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
};

const members = (row: Awaited<ReturnType<typeof overviewOfWebhooks>>[number]) => ({
  webhookId: row.id,
  url: row.url,
  description: row.description,
  types: row.types,
  products: row.products,
  status: row.disabled_at === null ? 'on' : 'off',
  ...(row.disabled_why === null ? {} : { disabledWhy: row.disabled_why }),
  ...(row.failing_since === null ? {} : { failingSince: utcText(row.failing_since) }),
  waiting: row.waiting,
  dead: row.dead,
  accountId: row.account_id,
  iotInstanceId: row.instance_id,
  createdAt: utcText(row.created_at),
});

async function sendTest(id: string, options: Output): Promise<void> {
  const answer = await withStore(async (store) => {
    const trial = await testMessage(store, id);
    if (!trial) throw unknown(id);
    const send = createWebhookSender({ clock: store.clock, allow: readConfig().webhookAllow });
    return send(trial.target, trial.message);
  });
  if (answer.kind !== 'answered') {
    throw new CommandError(`No answer: ${answer.kind === 'failed' ? answer.reason : 'stopped'}.`);
  }
  const { status, tookMs = 0, body = '' } = answer;
  show({ webhookId: id, status: String(status), took: `${tookMs} ms`, body }, options);
  if (status < 200 || status > 299) throw new CommandError(`The endpoint answered ${status}; only 2xx is success.`);
}

async function printDeliveries(
  id: string,
  name: StateName | undefined,
  { json, limit }: Output & { readonly limit: number },
): Promise<void> {
  const filter = name === undefined ? { limit } : { state: states[name], limit };
  const found = await withStore((store) => deliveriesOfWebhook(store, id, filter));
  if (!found) throw unknown(id);
  const rows = found.map((row) => ({
    eventId: row.event_id,
    type: row.type,
    topic: row.topic,
    happenedAt: utcText(row.created_at),
    state: Object.entries(states).find(([, state]) => state === row.state)?.[0] ?? row.state,
    attempts: row.attempts,
    changedAt: utcText(row.modified_at),
    ...(row.due_at === null ? {} : { nextAt: utcText(row.due_at) }),
    note: row.note,
  }));
  if (json) return print(JSON.stringify(rows));
  for (const { eventId, happenedAt, type, state, attempts, note } of rows) {
    print(`${eventId}  ${happenedAt}  ${state.padEnd(9)}  ${attempts} attempts  ${type}  ${note}`);
  }
}
