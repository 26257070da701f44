import type { DynamicSelection } from '../../domain/dynamic-jobs.ts';
import type { Selection } from '../../domain/selection.ts';

/** The wire names of what says whom a job is for (openapi-ota 4.9, 4.10). */
interface Chosen {
  readonly SrcVersion?: readonly string[] | undefined;
  readonly GroupId?: string | undefined;
  readonly GroupType?: string | undefined;
}

interface StaticallyChosen extends Chosen {
  readonly TargetDeviceName?: readonly string[] | undefined;
  readonly DnListFileUrl?: string | undefined;
  readonly GrayPercent?: string | undefined;
}

export const staticSelection = (target: string, request: StaticallyChosen): Selection => ({
  target,
  srcVersions: request.SrcVersion,
  deviceNames: request.TargetDeviceName,
  listFileUrl: request.DnListFileUrl || undefined,
  grayPercent: request.GrayPercent || undefined,
  groupId: request.GroupId || undefined,
  groupType: request.GroupType || undefined,
});

export const dynamicSelection = (
  request: Chosen & { readonly DynamicMode?: number | undefined },
): DynamicSelection => ({
  srcVersions: request.SrcVersion,
  groupId: request.GroupId,
  groupType: request.GroupType || undefined,
  mode: request.DynamicMode,
});
