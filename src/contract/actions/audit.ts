import { action } from '../action.ts';
import { int, long, object, required, text, wrapped } from '../schema.ts';
import { instance } from './parts.ts';

const record = {
  UtcTime: required(text('When the call was made.')),
  RequestId: required(text('RequestId of its answer.')),
  Source: required(text('`api`, or the way that it came by.')),
  UserId: required(text('ID of the RAM user; empty for the account itself.')),
  UserName: required(text('Name of the RAM user by then.')),
  AccessKeyId: required(text('Key that it was signed with; empty for a sign-in with a password.')),
  Address: required(text('Where from.')),
  Action: required(text('Operation.')),
  Target: required(
    wrapped('Parameter', object({ Name: required(text('Parameter.')), Value: required(text('As sent.')) })),
  ),
  Made: required(wrapped('Id', text('What came into being.'))),
  Result: required(text('`Success`, or the code of the refusal.')),
};

/** Who changed what. */
export const auditActions = [
  action({
    name: 'ListAuditRecords',
    family: 'audit',
    summary:
      'Lists the calls of the account and its users that changed something, or were refused it, newest first. A page looks at the next 20,000 records: it may hold few, or none, and lead on nevertheless.',
    extension: true,
    service: 'otaru',
    qps: 5,
    changes: false,
    request: {
      StartTime: long('From this time on, in milliseconds since 1970.'),
      EndTime: long('Before this time, in milliseconds since 1970.'),
      ActionName: text('Of this operation.'),
      User: text('By this RAM user: name or ID.'),
      KeyId: text('Signed with this AccessKey.'),
      Target: text('That name or made exactly this: an ID, a ProductKey, a name.'),
      Result: text('`Success`, a code, or `Refused` for all that did not succeed.'),
      PageSize: int('Rows on a page, at most 100; 20 if left out.'),
      NextToken: text('NextToken of the page before, with the same filter.'),
      ...instance,
    },
    response: {
      Data: required(wrapped('Record', object(record))),
      NextToken: required(text('Leads to the next page; empty on the last one.')),
    },
    errors: ['common.invalidPage', 'common.illegalPageToken'],
  }),
] as const;
