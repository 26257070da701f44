import type { FirmwareFileRow, FirmwareRow } from '../../store/queries/firmware.ts';
import { utcText } from '../../wire/time.ts';

/** The members that the list and the details of a package share (openapi-ota 4.6). */
export function firmwareMembers(
  firmware: FirmwareRow & { product_name: string | null },
  files: readonly FirmwareFileRow[],
) {
  const [file] = files;
  const single = files.length === 1 && file ? { FirmwareSign: file.sign, FirmwareSize: file.size } : {};
  return {
    FirmwareId: firmware.id,
    FirmwareName: firmware.name,
    FirmwareDesc: firmware.description,
    ...single,
    SignMethod: firmware.sign_method,
    ProductKey: firmware.product_key ?? undefined,
    ProductName: firmware.product_name ?? undefined,
    ModuleName: firmware.module,
    Type: firmware.type,
    Status: firmware.status,
    SrcVersion: firmware.src_version,
    DestVersion: firmware.dest_version,
    UtcCreate: utcText(firmware.created_at),
    UtcModified: utcText(firmware.modified_at),
  };
}
