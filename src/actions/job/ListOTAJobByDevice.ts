import { listJobsOfDevice } from '../../domain/jobs.ts';
import { page, pagingAnswer } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';
import { jobInfo } from './members.ts';

export const ListOTAJobByDevice: Handler<'ListOTAJobByDevice'> = async (deps, scope, request) => {
  const wanted = page(request.CurrentPage, request.PageSize, { maxSize: 100 });
  const input = { firmwareId: request.FirmwareId, productKey: request.ProductKey, deviceName: request.DeviceName };
  const { rows, total } = await listJobsOfDevice(deps, scope, input, wanted);
  return { ...pagingAnswer(wanted, total), Data: { SimpleOTAJobInfo: rows.map(jobInfo) } };
};
