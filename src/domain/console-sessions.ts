import { createHash } from 'node:crypto';
import { actions } from '../contract/index.ts';
import type { Tx } from '../store/engine.ts';
import { findAccount } from '../store/queries/accounts.ts';
import {
  deleteExpiredSessions,
  deleteSession,
  extendSession,
  insertSession,
  readSession,
} from '../store/queries/console-sessions.ts';
import { findUser, findUserByName } from '../store/queries/users.ts';
import { type Caller, findKey, rightsOf, rootAccountId } from './accounts.ts';
import type { Deps } from './deps.ts';
import { fail } from './failure.ts';
import { ACCOUNT_NAME } from './names.ts';
import { isPasswordOf } from './passwords.ts';
import { permits, rightTo } from './policy.ts';
import { sameSignature } from './signing-keys.ts';
import { newHash, replacePassword } from './users.ts';

/** What somebody shows who wants to sign in: a key, or a name with its password. */
export type Credentials =
  | { readonly accessKeyId: string; readonly accessKeySecret: string }
  | { readonly userName: string; readonly password: string };

/** Whose credentials these would be; that they are right is another question. */
export interface Claim {
  /** One and the same for every way to write it, also when there is nobody of that name. */
  readonly name: string;
  /** A password can be guessed; the secret of a key cannot. */
  readonly kind: 'key' | 'password';
  /** Nothing when there is nobody of that name. */
  readonly who: Pick<Caller, 'accountId' | 'accessKeyId' | 'user'> | undefined;
  /** When the password was set, if it is one. */
  readonly passwordAt: number | null;
  /** Takes as long for nobody as for somebody. */
  readonly isProven: () => Promise<boolean>;
}

/** A session ends when nobody has used it for 12 hours, and 7 days after the sign-in at the latest. */
export const IDLE_MS = 12 * 60 * 60_000;
export const LONGEST_MS = 7 * 24 * 60 * 60_000;
/** Its end is not moved on for less, so that most calls write nothing. */
const EXTENSION_MS = 5 * 60_000;

/** Letters and digits that make 256 bits. */
const TOKEN_LENGTH = 43;

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

/** Looks up who would sign in. */
export async function claim(deps: Pick<Deps, 'engine' | 'vault'>, credentials: Credentials): Promise<Claim> {
  if ('userName' in credentials) return claimName(deps, credentials);
  const { accessKeyId, accessKeySecret } = credentials;
  const key = await findKey(deps, accessKeyId);
  return {
    name: accessKeyId,
    kind: 'key',
    who: key?.caller,
    passwordAt: null,
    isProven: async () => key?.active === true && sameSignature(accessKeySecret, key.secret),
  };
}

/** Who a name or a session is about, as the database has it. */
type PasswordRow = Awaited<ReturnType<typeof findAccount>> | Awaited<ReturnType<typeof findUser>>;

/** @param row nothing when there is nobody of that name */
function claimPassword(
  { accountId, name }: { readonly accountId: string; readonly name: string },
  row: PasswordRow,
  password: string,
): Claim {
  const user = row && 'account_id' in row ? row : undefined;
  return {
    name: `${name}@${accountId}`,
    kind: 'password',
    who: row && { accountId, accessKeyId: '', ...(user && { user: { id: user.id, name: user.name } }) },
    passwordAt: row?.password_at ?? null,
    isProven: async () => (await isPasswordOf(row?.password_hash ?? null, password)) && user?.active !== 0,
  };
}

/** `ann`: a user of the root account, `ann@ACCOUNTID`: of another. `root` is the account itself, with or without its id. */
async function claimName(
  { engine }: Pick<Deps, 'engine'>,
  { userName, password }: { readonly userName: string; readonly password: string },
): Promise<Claim> {
  const at = userName.lastIndexOf('@');
  const name = at < 0 ? userName : userName.slice(0, at);
  const accountId = at < 0 ? ((await rootAccountId(engine.read)) ?? '') : userName.slice(at + 1);
  const row =
    name === ACCOUNT_NAME
      ? await findAccount(engine.read, accountId)
      : await findUserByName(engine.read, accountId, name);
  return claimPassword({ accountId, name }, row, password);
}

/** What somebody shows who is signed in with a password, and is asked for it again. @throws console.noPassword */
export async function claimAgain(
  { engine }: Pick<Deps, 'engine'>,
  { caller: { accountId, accessKeyId, user } }: Session,
  password: string,
): Promise<Claim> {
  if (accessKeyId !== '') fail('console.noPassword');
  const row = user ? await findUser(engine.read, accountId, user.id) : await findAccount(engine.read, accountId);
  return claimPassword({ accountId, name: user?.name ?? ACCOUNT_NAME }, row, password);
}

/**
 * Opens a session.
 * @param former token of a session that this one takes the place of
 * @returns the token, which is stored nowhere
 * @throws console.signInFailed, whatever is wrong
 */
export async function signIn(
  { engine, clock, ids }: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  { who, passwordAt, isProven }: Claim,
  former: string | undefined,
): Promise<string> {
  if (!(await isProven()) || !who) fail('console.signInFailed');
  const token = ids.text(TOKEN_LENGTH);
  const now = clock.now();
  await engine.transaction((tx) => beginSession(tx, { token, former, who, passwordAt, now }));
  return token;
}

async function beginSession(
  { db }: Pick<Tx, 'db'>,
  session: {
    readonly token: string;
    readonly former: string | undefined;
    readonly who: NonNullable<Claim['who']>;
    readonly passwordAt: number | null;
    readonly now: number;
  },
): Promise<void> {
  const { token, former, who, passwordAt, now } = session;
  if (former !== undefined) await deleteSession(db, hashOf(former));
  await insertSession(db, {
    token_hash: hashOf(token),
    account_id: who.accountId,
    user_id: who.user?.id ?? null,
    access_key_id: who.accessKeyId || null,
    password_at: passwordAt,
    created_at: now,
    expires_at: now + IDLE_MS,
  });
}

/**
 * Gives who is signed in another password. All sessions of the one before end; a new one takes the place of `former`.
 * @returns the token of the new session
 * @throws console.wrongPassword, access.invalidPassword; console.notSignedIn when another change was faster
 */
export async function changeOwnPassword(
  { engine, clock, ids }: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  { who, passwordAt, isProven }: Claim,
  { former, password }: { readonly former: string; readonly password: string },
): Promise<string> {
  if (!(await isProven()) || !who) fail('console.wrongPassword');
  const hash = await newHash(password);
  const token = ids.text(TOKEN_LENGTH);
  const now = clock.now();
  await engine.transaction(async (tx) => {
    const later = await replacePassword(tx, who, { hash, before: passwordAt, now });
    if (later === undefined) fail('console.notSignedIn');
    await beginSession(tx, { token, former, who, passwordAt: later, now });
  });
  return token;
}

/** Who is signed in. */
export interface Session {
  readonly caller: Caller;
  readonly account: { readonly id: string; readonly name: string };
}

/**
 * The session of a token, if it is still good: its key and its user are there and may be used. Using it moves its end on.
 */
export async function findSession(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  token: string,
): Promise<Session | undefined> {
  const hash = hashOf(token);
  const row = await readSession(engine.read, hash);
  const now = clock.now();
  if (!row || row.expires_at <= now || !isStillProven(row)) return undefined;
  const end = Math.min(now + IDLE_MS, row.created_at + LONGEST_MS);
  if (end - row.expires_at >= EXTENSION_MS) await engine.jot((db) => extendSession(db, hash, end));
  return {
    caller: {
      accessKeyId: row.access_key_id ?? '',
      accountId: row.account_id,
      publicInstanceId: row.public_instance_id,
      ...rightsOf(row),
    },
    account: { id: row.account_id, name: row.account_name },
  };
}

/** Whether the key can be used still, or the password is the one of the sign-in. */
function isStillProven(row: NonNullable<Awaited<ReturnType<typeof readSession>>>): boolean {
  if (row.user_id !== null && row.user_active !== 1) return false;
  if (row.access_key_id !== null) return row.key_active === 1;
  const setAt = row.user_id === null ? row.account_password_at : row.user_password_at;
  return row.password_at !== null && row.password_at === setAt;
}

/** As {@link findSession}, for who has to be signed in. @throws console.notSignedIn */
export async function useSession(deps: Pick<Deps, 'engine' | 'clock'>, token: string | undefined): Promise<Session> {
  return (token === undefined ? undefined : await findSession(deps, token)) ?? fail('console.notSignedIn');
}

export async function signOut({ engine }: Pick<Deps, 'engine'>, token: string): Promise<void> {
  await engine.transaction(({ db }) => deleteSession(db, hashOf(token)));
}

/** Names of the operations that a caller may call. */
export const permittedActions = ({ policy, accountId }: Caller): string[] =>
  actions.filter((entry) => !policy || permits(policy, rightTo(entry), accountId)).map(({ name }) => name);

export async function forgetOldSessions({ engine, clock }: Pick<Deps, 'engine' | 'clock'>): Promise<void> {
  await engine.transaction((tx) => deleteExpiredSessions(tx.db, clock.now()));
}
