import { downloadUrl } from '../../domain/downloads.ts';
import { queryFirmware } from '../../domain/firmware.ts';
import type { Handler } from '../handler.ts';
import { firmwareMembers } from './members.ts';

export const QueryOTAFirmware: Handler<'QueryOTAFirmware'> = async (deps, scope, request) => {
  const { firmware, files, verifyProgress } = await queryFirmware(deps, scope, request.FirmwareId);
  const [file] = files;
  return {
    FirmwareInfo: {
      ...firmwareMembers(firmware, files),
      ...(files.length === 1 && file
        ? { FirmwareUrl: downloadUrl(deps, file.upload_key) }
        : {
            MultiFiles: files.map((each) => ({
              Name: each.name,
              Size: each.size,
              Url: downloadUrl(deps, each.upload_key),
              SignValue: each.sign,
              FileMd5: each.md5,
            })),
          }),
      VerifyProgress: verifyProgress,
      Udi: firmware.udi,
    },
  };
};
