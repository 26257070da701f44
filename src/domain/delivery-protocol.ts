import type { Limits } from '../contract/limits.ts';
import type { Tx } from '../store/engine.ts';
import { type FirmwareFileRow, filesOfFirmware } from '../store/queries/firmware.ts';
import type { JobRow } from '../store/queries/jobs.ts';
import { nextNumber } from '../store/queries/meta.ts';
import { fail } from './failure.ts';
import type { JobSettings } from './job-settings.ts';

/** How the devices of a job get its files. */
export type Delivery = Pick<JobRow, 'download_protocol' | 'stream_id'>;

/** @throws ota.unfitForMqtt for files of a package that devices cannot fetch over MQTT */
export function checkMqttFiles(
  files: readonly Pick<FirmwareFileRow, 'size'>[],
  { mqttFileBytes }: Pick<Limits, 'mqttFileBytes'>,
): void {
  if (files.length !== 1) fail('ota.unfitForMqtt', { Detail: `it has ${files.length} files, not one.` });
  if (files.some((file) => file.size > mqttFileBytes)) {
    fail('ota.unfitForMqtt', { Detail: `its file is larger than ${mqttFileBytes} bytes.` });
  }
}

/**
 * The delivery that a new job asks for. Over MQTT a package has one file of bounded size (openapi-ota 3.2), and all
 * devices of the job fetch it under one number of its own, which stays the same for repeated pushes.
 * @throws ota.unfitForMqtt
 */
export async function deliveryOf(
  tx: Tx,
  limits: Pick<Limits, 'mqttFileBytes'>,
  firmwareId: string,
  { downloadProtocol }: Pick<JobSettings, 'downloadProtocol'>,
): Promise<Delivery> {
  if (downloadProtocol !== 'MQTT') return { download_protocol: 'HTTPS', stream_id: null };
  checkMqttFiles(await filesOfFirmware(tx.db, [firmwareId]), limits);
  // counting up keeps it a positive int32, which some devices print it as, for two thousand million jobs
  return { download_protocol: 'MQTT', stream_id: await nextNumber(tx.db, 'last-stream-id') };
}
