import { type AuditRecord, pageOfAudit } from '../../domain/audit.ts';
import { page } from '../../domain/paging.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const ListAuditRecords: Handler<'ListAuditRecords'> = async (deps, { accountId }, request) => {
  const { size } = page(1, request.PageSize ?? 20, { maxSize: 100 });
  const { Result: result } = request;
  const query = {
    since: request.StartTime,
    until: request.EndTime,
    action: request.ActionName,
    user: request.User,
    accessKeyId: request.KeyId,
    target: request.Target,
    ...(result === 'Refused' ? { refused: true } : { result }),
  };
  const { records, nextToken } = await pageOfAudit(deps, accountId, query, { size, token: request.NextToken });
  return { Data: { Record: records.map(members) }, NextToken: nextToken };
};

const members = (record: AuditRecord) => ({
  UtcTime: utcText(record.at),
  RequestId: record.requestId,
  Source: record.source,
  UserId: record.userId,
  UserName: record.userName,
  AccessKeyId: record.accessKeyId,
  Address: record.address,
  Action: record.action,
  Target: { Parameter: Object.entries(record.target).map(([Name, Value]) => ({ Name, Value })) },
  Made: { Id: [...record.made] },
  Result: record.result,
});
