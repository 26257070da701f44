import type { Tx } from '../store/engine.ts';
import { deleteAccessKey, setAccessKeyActive } from '../store/queries/accounts.ts';
import { countActiveOwnKeys, countKeysOf, findKeyOf, listKeysOf, lockAccount } from '../store/queries/users.ts';
import { addKey, type KeyPair, newKeyPair, refuseKey } from './accounts.ts';
import type { Deps, Scope } from './deps.ts';
import { fail } from './failure.ts';
import { type Page, page } from './paging.ts';
import { storedPolicy } from './policy.ts';
import { checkMayManage, readStatus, requireUser } from './users.ts';

export interface AccessKey {
  readonly id: string;
  /** Absent for a key of the account itself. */
  readonly user?: { readonly id: string; readonly name: string; readonly isActive: boolean };
  readonly isActive: boolean;
  readonly createdAt: number;
}

/** Keys of the account and of all its users, or of one user, the oldest first. @throws common.invalidPage, access.userNotFound */
export async function pageOfKeys(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  input: { readonly page: number; readonly pageSize: number; readonly userId?: string | undefined },
): Promise<{ readonly page: Page; readonly total: number; readonly keys: readonly AccessKey[] }> {
  const at = page(input.page, input.pageSize, { maxSize: 100 });
  const owner = input.userId || undefined;
  if (owner !== undefined) await requireUser({ db: engine.read }, scope, owner);
  const total = await countKeysOf(engine.read, scope.accountId, owner);
  const rows = await listKeysOf(engine.read, scope.accountId, owner, { offset: at.offset, limit: at.size });
  const keys = rows.map((row) => ({
    id: row.id,
    ...(row.user_id === null
      ? {}
      : { user: { id: row.user_id, name: row.user_name ?? '', isActive: row.user_active === 1 } }),
    isActive: row.active === 1,
    createdAt: row.created_at,
  }));
  return { page: at, total, keys };
}

/** A key of a user, or of the account itself. The secret is told here only. @throws access.* */
export async function createKey(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'>,
  scope: Scope,
  userId: string | undefined,
): Promise<KeyPair> {
  const pair = newKeyPair(deps);
  const owner = userId || null;
  await deps.engine.transaction(async (tx) => {
    await lockAccount(tx, scope.accountId);
    const user = owner === null ? undefined : await requireUser(tx, scope, owner);
    checkMayManage(scope, user && storedPolicy(user.policy));
    const count = await countKeysOf(tx.db, scope.accountId, owner);
    if (count >= deps.limits.keysPerUser) fail('access.keyCountExceeded');
    await addKey(deps, tx, { accountId: scope.accountId, userId: owner }, pair);
  });
  return pair;
}

/**
 * Refuses a key from now on (`Inactive`), or accepts it again (`Active`).
 * @throws access.invalidStatus, access.keyNotFound, access.beyondOwnRights, access.lastWayIn
 */
export async function switchKey(
  { engine }: Pick<Deps, 'engine'>,
  scope: Scope,
  { id, status }: { readonly id: string; readonly status: string },
): Promise<void> {
  const isActive = readStatus(status);
  await engine.transaction(async (tx) => {
    await requireKey(tx, scope, id, { staysUsable: isActive });
    if (isActive) await setAccessKeyActive(tx.db, id, 1);
    else await refuseKey(tx.db, id);
  });
}

/** @throws access.keyNotFound, access.beyondOwnRights, access.lastWayIn */
export async function removeKey({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<void> {
  await engine.transaction(async (tx) => {
    await requireKey(tx, scope, id, { staysUsable: false });
    await deleteAccessKey(tx.db, id);
  });
}

/** A key that the caller may change, where the account itself can be reached without it if it goes. */
async function requireKey(
  tx: Pick<Tx, 'db' | 'lock'>,
  scope: Scope,
  id: string,
  { staysUsable }: { readonly staysUsable: boolean },
): Promise<void> {
  const account = await lockAccount(tx, scope.accountId);
  const key = (await findKeyOf(tx.db, scope.accountId, id)) ?? fail('access.keyNotFound');
  checkMayManage(scope, key.user_id === null ? undefined : storedPolicy(key.policy));
  if (staysUsable || !key.active || key.user_id !== null || account?.password_hash != null) return;
  if ((await countActiveOwnKeys(tx.db, scope.accountId)) === 1) fail('access.lastWayIn');
}
