import { fail } from '../../domain/failure.ts';
import { previewJob } from '../../domain/job-preview.ts';
import type { Handler } from '../handler.ts';
import { dynamicSelection, staticSelection } from '../job/selection.ts';
import { rolloutSettings, scheduledSettings } from '../job/settings.ts';

const MOST_VERSIONS = 50;

export const PreviewOTAUpgradeJob: Handler<'PreviewOTAUpgradeJob'> = async (deps, scope, request) => {
  const kind = request.SelectionType || 'STATIC';
  if (kind !== 'STATIC' && kind !== 'DYNAMIC') fail('common.invalidParameter', { Parameter: 'SelectionType' });
  const seen = await previewJob(deps, scope, {
    firmwareId: request.FirmwareId,
    productKey: request.ProductKey,
    ...(kind === 'STATIC'
      ? { selection: staticSelection(request.TargetSelection ?? '', request), settings: scheduledSettings(request) }
      : { dynamic: dynamicSelection(request), settings: rolloutSettings(request) }),
  });
  const versions = [...seen.versions].sort(([v, a], [w, b]) => b - a || (v < w ? -1 : 1)).slice(0, MOST_VERSIONS);
  return {
    Data: {
      Estimated: seen.isEstimated,
      LookedAt: seen.looked,
      DeviceCount: seen.hit,
      OnlineCount: seen.online,
      BusyCount: seen.busy,
      ReplacedCount: seen.replaced,
      SrcVersions: { SrcVersionDevices: versions.map(([Version, DeviceCount]) => ({ Version, DeviceCount })) },
      ArrivedCount: seen.arrived,
      UnfitCount: seen.unfit,
      InactiveCount: seen.inactive,
      UnknownCount: seen.unknown,
      DeviceNames: { DeviceName: [...seen.sample] },
      UnknownNames: { DeviceName: [...seen.unknownSample] },
      ModuleName: seen.module,
      DestVersion: seen.destVersion,
      Seconds: seen.seconds,
      Bytes: seen.bytes,
    },
  };
};
