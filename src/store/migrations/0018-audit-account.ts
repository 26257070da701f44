import type { Migration } from './migration.ts';

/** The records of one account by time: what the account itself is shown. */
export const auditAccount: Migration = {
  name: '0018-audit-account',
  index: { name: 'audit_account', on: 'audit (account_id, at, request_id)' },
};
