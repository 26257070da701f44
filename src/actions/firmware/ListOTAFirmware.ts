import { listFirmware } from '../../domain/firmware.ts';
import { page, pagingAnswer } from '../../domain/paging.ts';
import type { Handler } from '../handler.ts';
import { firmwareMembers } from './members.ts';

export const ListOTAFirmware: Handler<'ListOTAFirmware'> = async (deps, scope, request) => {
  const wanted = page(request.CurrentPage, request.PageSize, { maxSize: 100 });
  const filter = { productKey: request.ProductKey || undefined, destVersion: request.DestVersion || undefined };
  const { rows, total } = await listFirmware(deps, scope, filter, wanted);
  return {
    ...pagingAnswer(wanted, total),
    FirmwareInfo: { SimpleFirmwareInfo: rows.map(({ firmware, files }) => firmwareMembers(firmware, files)) },
  };
};
