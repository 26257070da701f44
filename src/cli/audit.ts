import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type AuditQuery, type AuditRecord, auditRecords } from '../domain/audit.ts';
import { utcText } from '../wire/time.ts';
import { CommandError } from './output.ts';
import { withStore } from './store.ts';

interface Options {
  readonly since?: string;
  readonly until?: string;
  readonly action?: string;
  readonly key?: string;
  readonly user?: string;
  readonly target?: string;
  readonly result?: string;
  readonly limit?: string;
  readonly jsonl?: boolean;
}

/** Records that a person is shown who asks for no number. */
const SHOWN = 50;

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('Look at the record of what was changed.')
    .command('list')
    .description('List the calls that changed something, or were refused it, newest first.')
    .option('--since <time>', 'from this time on: 2026-01-31 or 2026-01-31T08:00:00Z (UTC)')
    .option('--until <time>', 'before this time')
    .option('--action <name>', 'of this operation or command, such as DeleteDevice or "key disable"')
    .option('--key <id>', 'signed with this AccessKey')
    .option('--user <user>', 'by this RAM user (name or id); for commands, the login name')
    .option('--target <text>', 'that name or make exactly this: an id, a ProductKey, a name')
    .option('--result <result>', 'Success, a code, or refused for all that did not succeed')
    .option('--limit <n>', `at most so many (${SHOWN}; with --jsonl all)`)
    .option('--jsonl', 'print every record as a line of JSON')
    .action(async (options: Options) => {
      const query = readQuery(options);
      const limit = readLimit(options);
      await withStore((store) => write(lines(auditRecords(store, query), limit, options.jsonl ? toJson : toLine)));
    });
}

function readQuery({ since, until, action, key, user, target, result }: Options): AuditQuery {
  return {
    since: since === undefined ? undefined : readTime('--since', since),
    until: until === undefined ? undefined : readTime('--until', until),
    action,
    accessKeyId: key,
    user,
    target,
    ...(result === 'refused' ? { refused: true } : { result }),
  };
}

function readTime(option: string, text: string): number {
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;
  const at = form.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new CommandError(`${option} must be a time such as 2026-01-31 or 2026-01-31T08:00:00Z, not "${text}".`, 2);
  }
  return at;
}

function readLimit({ limit, jsonl }: Options): number {
  if (limit === undefined) return jsonl ? Number.POSITIVE_INFINITY : SHOWN;
  if (!/^[1-9]\d{0,9}$/.test(limit)) throw new CommandError(`--limit must be a number from 1 on, not "${limit}".`, 2);
  return Number(limit);
}

async function* lines(records: AsyncIterable<AuditRecord>, limit: number, text: (record: AuditRecord) => string) {
  let count = 0;
  for await (const record of records) {
    yield `${text(record)}\n`;
    count += 1;
    if (count === limit) return;
  }
}

/** No faster than the reader reads, so that an export of any length needs little memory. */
async function write(texts: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(texts), process.stdout, { end: false });
  } catch (error) {
    // `| head` has read enough
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

const toJson = ({ at, ...record }: AuditRecord) => JSON.stringify({ time: utcText(at), ...record });

function toLine(record: AuditRecord): string {
  const named = Object.entries(record.target).map(([name, value]) => `${name}=${value}`);
  const who = [record.accountId, record.userName].filter((text) => text !== '').join('/');
  const made = record.made.length === 0 ? [] : [`made ${record.made.join(' ')}`];
  return [
    utcText(record.at),
    record.result,
    record.action,
    who,
    record.accessKeyId || record.source,
    record.address,
    record.requestId,
    ...named,
    ...made,
  ]
    .map((text) => text.replace(/\s/g, ' '))
    .join('  ');
}
