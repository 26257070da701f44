import { page, pagingAnswer } from '../../domain/paging.ts';
import { pageOfStatuses, type StatusChange } from '../../domain/status-list.ts';
import type { Handler } from '../handler.ts';
import { selectorOf, utcOf } from './members.ts';

export const ListDeviceStatusHistory: Handler<'ListDeviceStatusHistory'> = async (deps, scope, request) => {
  const wanted = page(request.CurrentPage ?? 1, request.PageSize ?? 10, { maxSize: 50 });
  const span = { from: request.StartTime, to: request.EndTime };
  const { changes, total } = await pageOfStatuses(deps, scope, selectorOf(request), span, wanted);
  return { ...pagingAnswer(wanted, total), Data: { StatusChange: changes.map(members) } };
};

const members = (change: StatusChange) => ({
  Status: change.status,
  UtcTime: utcOf(change.at),
  Duration: change.lastedMs,
  Reason: change.reason ?? '',
  Address: change.address,
  NodeId: change.nodeId,
});
