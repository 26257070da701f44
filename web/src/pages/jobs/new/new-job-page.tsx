import '../jobs.css';
import './new-job.css';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { callAction } from '../../../api/client.ts';
import { useAnswer, useRefresh } from '../../../api/hooks.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Loading } from '../../../ui/loading.tsx';
import { useNotice } from '../../../ui/notices.tsx';
import { Page } from '../../../ui/page.tsx';
import { Status } from '../../../ui/status.tsx';
import type { JobKind } from '../job.ts';
import { jobsTexts } from '../jobs-texts.ts';
import {
  culpritOf,
  type Draft,
  type DraftField,
  dynamicRequest,
  faultsIn,
  newDraft,
  type Package,
  type Step,
  staticRequest,
  steps,
  verifyRequest,
} from './draft.ts';
import { HowStep } from './how-step.tsx';
import { newJobTexts } from './new-job-texts.ts';
import { PackageStep } from './package-step.tsx';
import { Refused } from './refused.tsx';
import { ReviewStep } from './review-step.tsx';
import { isReady, WhoStep } from './who-step.tsx';

const kindIn = (text: string | null): JobKind => (text === 'verify' || text === 'dynamic' ? text : 'static');

/** Brings a package onto devices, step by step; nothing starts before one has seen whom it hits. */
export function NewJobPage() {
  const [search] = useSearchParams();
  // a link to another kind of job begins anew
  return <NewJob key={search.get('kind')} />;
}

function NewJob() {
  const t = useTexts(newJobTexts);
  const words = useTexts(jobsTexts);
  const [search, setSearch] = useSearchParams();
  const [draft, setDraft] = useState<Draft>(() => newDraft(kindIn(search.get('kind'))));
  const firmwareId = search.get('firmware') ?? '';
  const wanted = steps.find((step) => step === search.get('step')) ?? 'who';
  // a page that was loaded anew knows nothing of what had been chosen: nobody is to review and start something else
  const [isBegun, setBegun] = useState(false);
  const step: Step = firmwareId === '' ? 'package' : isBegun || wanted === 'package' ? wanted : 'who';
  const firmware = useAnswer('QueryOTAFirmware', { FirmwareId: firmwareId }, { when: firmwareId !== '' });
  const change = (changes: Partial<Draft>) => setDraft((now) => ({ ...now, ...changes }));
  const goTo = (next: Step) => {
    setBegun(true);
    setSearch((now) => {
      now.set('step', next);
      return now;
    });
  };
  const choose = (id: string, status: number) => {
    if (!isReady({ Status: status })) change({ kind: 'verify' });
    else if (draft.kind === 'verify' && search.get('kind') !== 'verify') change({ kind: 'static' });
    // versions and groups are those of another product
    if (id !== firmwareId) change({ versions: '', names: '', list: undefined, group: '', dynamicGroup: '' });
    setSearch((now) => {
      now.set('firmware', id);
      now.set('step', 'who');
      return now;
    });
  };
  const above = [{ href: '/jobs', name: words.title }];
  return (
    <Page title={t.title} above={above}>
      <StepList step={step} firmware={firmwareId} />
      {step === 'package' ? (
        <PackageStep chosen={firmwareId || undefined} onChoose={choose} />
      ) : firmware.data ? (
        <StepsOf draft={draft} firmware={firmware.data.FirmwareInfo} step={step} change={change} goTo={goTo} />
      ) : firmware.error ? (
        <ErrorNote error={firmware.error} onRetry={() => void firmware.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function StepList({ step, firmware }: { readonly step: Step; readonly firmware: string }) {
  const t = useTexts(newJobTexts);
  const [search] = useSearchParams();
  const at = steps.indexOf(step);
  return (
    <nav aria-label={t.stepsLabel}>
      <ol className="step-list">
        {steps.map((each, index) => {
          const query = new URLSearchParams(search);
          query.set('step', each);
          const name = `${index + 1}. ${t.steps[each]}`;
          return (
            <li
              key={each}
              aria-current={each === step ? 'step' : undefined}
              className={index < at ? 'done' : undefined}
            >
              {/* what lies ahead is reached by its button, which looks whether all is well */}
              {index < at && firmware !== '' ? <Link href={`/jobs/new?${query}`}>{name}</Link> : name}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

interface StepsOfProps {
  readonly draft: Draft;
  readonly firmware: Package;
  readonly step: Step;
  readonly change: (changes: Partial<Draft>) => void;
  readonly goTo: (step: Step) => void;
}

function StepsOf({ draft, firmware, step, change, goTo }: StepsOfProps) {
  const t = useTexts(newJobTexts);
  const words = useTexts(jobsTexts);
  const [shown, setShown] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const head = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) head.current?.focus();
    first.current = false;
    setShown(false);
    void step;
  }, [step]);

  const faults = faultsIn(draft, step, Date.now());
  const culprit = culpritOf(refusal);
  const faultOf = (field: DraftField) => {
    const fault = faults[field];
    if (shown && fault) return t.faults[fault];
    return culprit?.field === field && refusal instanceof Error ? refusal.message : undefined;
  };
  const at = steps.indexOf(step);
  const next = () => {
    if (Object.keys(faults).length > 0) return setShown(true);
    setRefusal(undefined);
    goTo(steps[at + 1] ?? 'review');
  };
  const amend = (error: unknown) => {
    setRefusal(error);
    goTo(culpritOf(error)?.step ?? 'who');
  };
  const props = {
    draft,
    firmware,
    faultOf,
    change: (changes: Partial<Draft>) => {
      setRefusal(undefined);
      change(changes);
    },
  };
  const blocked = step === 'who' && draft.kind !== 'verify' && !isReady(firmware);
  return (
    <>
      <div className="row">
        <Icon name="package" />
        <b>
          {firmware.FirmwareName} · {firmware.DestVersion}
        </b>
        <Status of="firmware" status={String(firmware.Status)} />
        <span className="soft">
          {firmware.ProductName} · {firmware.ModuleName}
          {step === 'review' && ` · ${words.kinds[draft.kind]}`}
          {step === 'review' && draft.kind === 'static' && ` · ${words.targets[draft.target]}`}
        </span>
      </div>
      <h2 ref={head} tabIndex={-1} className="step-head">
        {t.steps[step]}
      </h2>
      {step === 'who' && <WhoStep {...props} />}
      {step === 'how' && <HowStep {...props} />}
      {step === 'review' && <ReviewStep {...props} onAmend={amend} />}
      {step === 'review' ? (
        <StartBar draft={draft} firmware={firmware} onBack={() => goTo('how')} onAmend={amend} />
      ) : (
        <div className="row step-foot">
          <button type="button" className="button" onClick={() => goTo(steps[at - 1] ?? 'package')}>
            {t.back}
          </button>
          <button type="button" className="button main" disabled={blocked} onClick={next}>
            {step === 'how' ? t.toReview : t.next}
          </button>
        </div>
      )}
    </>
  );
}

interface StartBarProps {
  readonly draft: Draft;
  readonly firmware: Package;
  readonly onBack: () => void;
  readonly onAmend: (error: unknown) => void;
}

function StartBar({ draft, firmware, onBack, onAmend }: StartBarProps) {
  const t = useTexts(newJobTexts);
  const notice = useNotice();
  const refresh = useRefresh();
  const [, go] = useLocation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const start = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { Data } = await create(draft, firmware);
      void refresh(['ListOTAJob', 'ListOTAJobByFirmware', 'QueryOTAFirmware', 'ListOTAFirmware']);
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
      {error !== undefined && <Refused error={error} onAmend={onAmend} />}
      <div className="row step-foot">
        <button type="button" className="button" onClick={onBack}>
          {t.back}
        </button>
        <button type="button" className="button main" disabled={busy} onClick={() => void start()}>
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
