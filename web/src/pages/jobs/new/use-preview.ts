import { type AnswerOf, Refusal } from '../../../api/client.ts';
import { useAnswer } from '../../../api/hooks.ts';
import { useMay } from '../../../app/session.tsx';
import { type Draft, type Package, previewRequest } from './draft.ts';
import { namesSent } from './use-typed-names.ts';

export type Preview = AnswerOf<'PreviewOTAUpgradeJob'>['Data'];

/** Devices that get the update: what keeps the task of another job fails in this one. */
export const servedBy = ({ DeviceCount, BusyCount }: Pick<Preview, 'DeviceCount' | 'BusyCount'>): number =>
  Math.max(0, DeviceCount - BusyCount);

/** Whom a job would hit; a verification, and who may not look ahead, has no preview. */
export function usePreview(draft: Draft, firmware: Package) {
  const may = useMay();
  const when = draft.kind !== 'verify' && may('PreviewOTAUpgradeJob');
  const { data, error, refetch } = useAnswer('PreviewOTAUpgradeJob', previewRequest(draft, firmware), {
    when,
    // of a large product it is seconds of work
    every: 60_000,
  });
  // a server that does not answer once takes nothing back
  const refusal = error instanceof Refusal || !data ? error : null;
  const unknown = data && namesSent(draft).length > 0 ? data.Data.UnknownCount : 0;
  return {
    preview: refusal ? undefined : data?.Data,
    error: when ? refusal : null,
    isLooking: when && !data && !error,
    /** Whether the job would be refused. */
    isRefused: when && (refusal !== null || unknown > 0),
    /** Whether the job would reach nobody, now or later. */
    isForNobody: draft.kind === 'static' && data !== undefined && !data.Data.Estimated && servedBy(data.Data) === 0,
    retry: () => void refetch(),
  };
}
