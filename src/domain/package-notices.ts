import { filesOfFirmware, findFirmwares } from '../store/queries/firmware.ts';
import type { JobRow } from '../store/queries/jobs.ts';
import type { PackageNotice } from '../wire/device-messages.ts';
import type { Deps } from './deps.ts';
import { downloadUrl } from './downloads.ts';
import { STREAM_FILE_ID } from './file-blocks.ts';

type NoticeDeps = Pick<Deps, 'engine' | 'clock' | 'vault' | 'publicUrl' | 'limits'>;

/**
 * What devices are told about the packages of these jobs, by job id. Every call signs fresh download URLs, once for each
 * job however often it is named; streams stay what they are.
 * A job whose package is gone is left out.
 */
export async function packageNotices(
  deps: NoticeDeps,
  named: readonly JobRow[],
): Promise<ReadonlyMap<string, PackageNotice>> {
  const jobs = [...new Map(named.map((job) => [job.id, job])).values()];
  const ids = jobs.map((job) => job.firmware_id);
  const firmwares = await findFirmwares(deps.engine.read, ids);
  const files = await filesOfFirmware(deps.engine.read, ids);
  const notices = new Map<string, PackageNotice>();
  for (const job of jobs) {
    const firmware = firmwares.get(job.firmware_id);
    if (!firmware) continue;
    notices.set(job.id, {
      version: job.dest_version,
      module: job.module,
      isDiff: job.is_diff === 1,
      signMethod: firmware.sign_method,
      files: files
        .filter((file) => file.firmware_id === firmware.id)
        .map((file) => ({
          name: file.name,
          source:
            job.stream_id === null
              ? downloadUrl(deps, file.upload_key)
              : { streamId: job.stream_id, fileId: STREAM_FILE_ID },
          size: file.size,
          md5: file.md5,
          sign: file.sign,
        })),
      extData: extData(job, firmware.udi),
    });
  }
  return notices;
}

/** Job tags by key, and the package's custom information as one text (openapi-ota 6.6). */
function extData(job: JobRow, udi: string): Record<string, string> {
  const data: Record<string, string> = {};
  for (const tag of JSON.parse(job.tags) as { key: string; value: string }[]) data[tag.key] = tag.value;
  if (udi !== '') data['_package_udi'] = udi;
  return data;
}
