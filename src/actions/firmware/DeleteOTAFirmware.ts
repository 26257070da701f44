import { removeFirmware } from '../../domain/firmware.ts';
import type { Handler } from '../handler.ts';

export const DeleteOTAFirmware: Handler<'DeleteOTAFirmware'> = async (deps, scope, request) => {
  await removeFirmware(deps, scope, request.FirmwareId);
  return {};
};
