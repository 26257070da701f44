import { type Refuser, refuseProducts } from './refuser.ts';

export async function refusalsOfAccount(refuser: Refuser): Promise<void> {
  const { refuse } = refuser;
  await refuse('a page without rows', 'ListAuditRecords', { PageSize: '0' });
  await refuse('a page that is too large', 'ListAuditRecords', { PageSize: '101' });
  await refuse('a token that is none', 'ListAuditRecords', { NextToken: 'bm90aGluZw' });
  await refuse('a time that is none', 'ListAuditRecords', { StartTime: 'yesterday' });
  await refuseProducts(refuser, 'ListQuotas');
}
