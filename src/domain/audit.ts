import type { Engine } from '../store/engine.ts';
import {
  type AuditFilter,
  type AuditRow,
  deleteOldAudit,
  endOfAudit,
  listAudit,
  listAuditIn,
  putAudit,
} from '../store/queries/audit.ts';
import type { Pair } from '../wire/percent.ts';
import type { Deps } from './deps.ts';
import { carriable } from './names.ts';
import { positionToken, readPositionToken } from './paging.ts';

/** What the record of a call says before it is known how the call ends. Empty texts stand for what there is not. */
export interface AuditedCall {
  readonly source: 'api' | 'cli' | 'console';
  readonly requestId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly userName: string;
  readonly accessKeyId: string;
  /** Of the peer for a call of the API, name of the machine for a command. */
  readonly address: string;
  readonly action: string;
  /** What the call names, by parameter. Nothing secret. */
  readonly target: Readonly<Record<string, string>>;
  /** The code that a call is refused with. */
  readonly resultOf: (error: unknown) => string;
}

/** The result of a call that did what it was asked to. */
export const SUCCESS = 'Success';

/**
 * Runs a call that changes something, so that exactly one record of it stays. The first transaction that `work` commits
 * through the engine it is given writes the record as a success; no change can be without it. A call that is refused
 * before, or has nothing to write, leaves its record in a transaction of its own; one that fails after its first commit
 * has the result in its record corrected. A process that dies in between leaves a success that may not be complete.
 * @throws what `work` throws
 */
export async function audited<T>(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  call: AuditedCall,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const at = clock.now();
  let state: 'unwritten' | 'being written' | 'written' = 'unwritten';
  const auditing: Engine = {
    ...engine,
    async transaction(run) {
      if (state !== 'unwritten') return engine.transaction(run);
      state = 'being written';
      try {
        const result = await engine.transaction(async (tx) => {
          const made: string[] = [];
          const value = await run({ ...tx, made: (id) => void made.push(id) });
          await putAudit(tx.db, toRow(call, at, SUCCESS, made));
          return value;
        });
        state = 'written';
        return result;
      } catch (error) {
        state = 'unwritten';
        throw error;
      }
    },
  };
  const write = (result: string) => engine.transaction((tx) => putAudit(tx.db, toRow(call, at, result)));
  let value: T;
  try {
    value = await work(auditing);
  } catch (error) {
    await write(call.resultOf(error)).catch((fault) => {
      throw new SuppressedError(fault, error, 'a refused call could not be recorded');
    });
    throw error;
  }
  // the state that the compiler sees is the one before the call
  if ((state as string) !== 'written') await write(SUCCESS);
  return value;
}

const toRow = (call: AuditedCall, at: number, result: string, made: readonly string[] = []): AuditRow => ({
  at,
  request_id: call.requestId,
  source: call.source,
  account_id: call.accountId,
  user_id: call.userId,
  user_name: call.userName,
  access_key_id: call.accessKeyId,
  address: kept(call.address),
  action: call.action,
  target: JSON.stringify(call.target),
  made: JSON.stringify(made),
  result: kept(result),
});

/** A record stays small whatever a caller sends. */
const MOST_VALUES = 200;
const MOST_CHARACTERS = 128;

const kept = (text: string) => carriable(text.slice(0, MOST_CHARACTERS));

/**
 * What the parameters of a call name, as sent: `Device.1.DeviceName` and so on, beside the instance.
 * @param names of the parameters that count
 */
export function targetOf(names: readonly string[], pairs: readonly Pair[]): Record<string, string> {
  const wanted = new Set(['IotInstanceId', ...names]);
  const named = pairs.filter(([name, value]) => value !== '' && wanted.has(name.split('.', 1)[0] ?? ''));
  const target = Object.fromEntries(named.slice(0, MOST_VALUES).map(([name, value]) => [kept(name), kept(value)]));
  return named.length > MOST_VALUES ? { ...target, '…': `${named.length - MOST_VALUES} more` } : target;
}

export interface AuditRecord extends Omit<AuditedCall, 'resultOf' | 'source'> {
  readonly at: number;
  readonly source: string;
  /** Ids of what the call made. */
  readonly made: readonly string[];
  /** `Success` or a code. */
  readonly result: string;
}

const toRecord = (row: AuditRow): AuditRecord => ({
  at: row.at,
  requestId: row.request_id,
  source: row.source,
  accountId: row.account_id,
  userId: row.user_id,
  userName: row.user_name,
  accessKeyId: row.access_key_id,
  address: row.address,
  action: row.action,
  target: JSON.parse(row.target) as Record<string, string>,
  made: JSON.parse(row.made) as string[],
  result: row.result,
});

export interface AuditQuery extends Omit<AuditFilter, 'mentions' | 'resultOtherThan'> {
  /** A value that the call named or an id that it made, exactly. */
  readonly target?: string | undefined;
  /** Only calls that were refused or failed. */
  readonly refused?: boolean | undefined;
}

/** Records read at once: what reading any number of them needs of memory. */
const PAGE = 500;

/** @returns what the rows are to fit, and whether a record is one that is asked for */
function readQuery({ target, refused, ...filter }: AuditQuery) {
  // the text as it stands between quotation marks in the JSON of a row
  const mentions = target === undefined ? undefined : JSON.stringify(target);
  const wanted = { ...filter, mentions, resultOtherThan: refused ? SUCCESS : undefined };
  return { wanted, fits: (record: AuditRecord) => target === undefined || names(record, target) };
}

/** Records, newest first, as many as are asked for and no more than a page of them at a time. */
export async function* auditRecords({ engine }: Pick<Deps, 'engine'>, query: AuditQuery): AsyncGenerator<AuditRecord> {
  const { wanted, fits } = readQuery(query);
  let last: AuditRow | undefined;
  do {
    const rows = await listAudit(engine.read, wanted, last, PAGE);
    for (const record of rows.map(toRecord)) if (fits(record)) yield record;
    last = rows.length === PAGE ? rows.at(-1) : undefined;
  } while (last);
}

/** Records that one page looks at, however few of them are asked for. */
const LOOKED_AT = 20_000;

/**
 * Records of an account, newest first. A page looks at the next 20,000 and no further, so that it costs the same however
 * many there are: it may hold few records, or none, and lead on nevertheless.
 * @param token of the page before
 * @throws common.illegalPageToken
 */
export async function pageOfAudit(
  { engine }: Pick<Deps, 'engine'>,
  accountId: string,
  query: AuditQuery,
  {
    size,
    token,
    lookedAt = LOOKED_AT,
  }: { readonly size: number; readonly token?: string | undefined; readonly lookedAt?: number },
): Promise<{ readonly records: AuditRecord[]; readonly nextToken: string }> {
  const { wanted, fits } = readQuery(query);
  const last = token ? readPositionToken(token, accountId) : undefined;
  const stretch = { accountId, before: last && { at: last.at, request_id: last.id }, length: lookedAt };
  // one row more tells whether there is a next page
  const rows = await listAuditIn(engine.read, stretch, wanted, size + 1);
  const end = rows.length > size ? rows[size - 1] : await endOfAudit(engine.read, stretch, wanted);
  return {
    records: rows.slice(0, size).map(toRecord).filter(fits),
    nextToken: end ? positionToken(accountId, { at: end.at, id: end.request_id }) : '',
  };
}

const names = ({ target, made }: AuditRecord, value: string) =>
  made.includes(value) || Object.values(target).includes(value);

const DAY_MS = 24 * 60 * 60_000;
const SWEEP_BATCH = 1_000;

/** Deletes the records that are older than so many days. @param renew is called between two steps */
export async function forgetOldRecords(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  days: number,
  renew: () => Promise<unknown>,
): Promise<void> {
  const before = clock.now() - days * DAY_MS;
  while (await engine.transaction((tx) => deleteOldAudit(tx.db, before, SWEEP_BATCH))) await renew();
}
