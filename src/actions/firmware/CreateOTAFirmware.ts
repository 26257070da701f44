import { createFirmware } from '../../domain/firmware.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const CreateOTAFirmware: Handler<'CreateOTAFirmware'> = async (deps, scope, request) => {
  const firmware = await createFirmware(deps, scope, {
    name: request.FirmwareName,
    destVersion: request.DestVersion,
    productKey: request.ProductKey,
    url: request.FirmwareUrl,
    sign: request.FirmwareSign,
    size: request.FirmwareSize,
    files: request.MultiFiles?.map((file) => ({
      name: file.Name,
      url: file.Url,
      size: file.Size,
      sign: file.SignValue,
      md5: file.FileMd5,
    })),
    signMethod: request.SignMethod,
    type: request.Type,
    srcVersion: request.SrcVersion,
    module: request.ModuleName,
    description: request.FirmwareDesc,
    needToVerify: request.NeedToVerify,
    udi: request.Udi,
  });
  return { Data: { FirmwareId: firmware.id, UtcCreate: utcText(firmware.createdAt) } };
};
