import { modifyFirmware } from '../../domain/firmware.ts';
import type { Handler } from '../handler.ts';

export const ModifyOTAFirmware: Handler<'ModifyOTAFirmware'> = async (deps, scope, request) => {
  await modifyFirmware(deps, scope, {
    id: request.FirmwareId,
    productKey: request.ProductKey,
    name: request.FirmwareName,
    description: request.FirmwareDesc,
    udi: request.FirmwareUdi,
  });
  return {};
};
