import { useState } from 'react';
import { useLocation } from 'wouter';
import { callAction } from '../../../api/client.ts';
import { useRefresh } from '../../../api/hooks.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { useNotice } from '../../../ui/notices.tsx';
import { type Draft, dynamicRequest, type Package, staticRequest, verifyRequest } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import { Refused } from './refused.tsx';
import { usePreview } from './use-preview.ts';

interface StartBarProps {
  readonly draft: Draft;
  readonly firmware: Package;
  /** Typed names that are no devices: the job would be refused. */
  readonly unknown: readonly string[];
  readonly onBack: () => void;
  readonly onAmend: (error: unknown) => void;
  readonly onMade: () => void;
}

/** Makes the job, or leads to what it was refused for. */
export function StartBar({ draft, firmware, unknown, onBack, onAmend, onMade }: StartBarProps) {
  const t = useTexts(newJobTexts);
  const notice = useNotice();
  const refresh = useRefresh();
  const [, go] = useLocation();
  const preview = usePreview(draft, firmware);
  const isRefused = unknown.length > 0 || preview.isRefused;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const start = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { Data } = await create(draft, firmware);
      void refresh(['ListOTAJob', 'ListOTAJobByFirmware', 'QueryOTAFirmware', 'ListOTAFirmware']);
      onMade();
      notice(t.made);
      go(`/jobs/${Data.JobId}`);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const word =
    draft.kind === 'verify' ? t.verifyIt : draft.kind === 'static' && draft.start === 'planned' ? t.planIt : t.startIt;
  return (
    <>
      {/* the review says it, too */}
      {error !== undefined && !isRefused && <Refused error={error} onAmend={onAmend} />}
      <div className="row step-foot">
        <button type="button" className="button" onClick={onBack}>
          {t.back}
        </button>
        <button
          type="button"
          className="button main"
          disabled={busy || isRefused || preview.isLooking || preview.isForNobody}
          onClick={() => void start()}
        >
          {busy ? t.starting : word}
        </button>
      </div>
    </>
  );
}

function create(draft: Draft, firmware: Package) {
  switch (draft.kind) {
    case 'verify':
      return callAction('CreateOTAVerifyJob', verifyRequest(draft, firmware));
    case 'static':
      return callAction('CreateOTAStaticUpgradeJob', staticRequest(draft, firmware));
    case 'dynamic':
      return callAction('CreateOTADynamicUpgradeJob', dynamicRequest(draft, firmware));
  }
}
