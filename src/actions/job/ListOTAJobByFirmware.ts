import { listJobsOfFirmware } from '../../domain/jobs.ts';
import { page, pagingAnswer } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';
import { jobInfo } from './members.ts';

export const ListOTAJobByFirmware: Handler<'ListOTAJobByFirmware'> = async (deps, scope, request) => {
  const wanted = page(request.CurrentPage, request.PageSize, { maxSize: 200 });
  const { rows, total } = await listJobsOfFirmware(deps, scope, request.FirmwareId, wanted);
  return { ...pagingAnswer(wanted, total), Data: { SimpleOTAJobInfo: rows.map(jobInfo) } };
};
