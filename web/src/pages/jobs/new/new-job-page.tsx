import '../jobs.css';
import './new-job.css';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAnswer } from '../../../api/hooks.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Page } from '../../../ui/page.tsx';
import { Unavailable } from '../../../ui/unavailable.tsx';
import { isReady } from '../../packages/package-status.ts';
import { packagesTexts } from '../../packages/packages-texts.ts';
import type { JobKind } from '../job.ts';
import { jobsTexts } from '../jobs-texts.ts';
import { type Draft, faultsIn, newDraft, type Step, steps } from './draft.ts';
import { useKeptDraft } from './kept-draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import { PackageStep } from './package-step.tsx';
import { StepsOf } from './steps-of.tsx';

const isFit = (draft: Draft, step: Step) => Object.keys(faultsIn(draft, step, Date.now())).length === 0;

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
  const packages = useTexts(packagesTexts);
  const [search, setSearch] = useSearchParams();
  // the address may be another one before this part gives way to one of another key
  const [link] = useState(search.get('kind'));
  const firmwareId = search.get('firmware') ?? '';
  const [blank] = useState(() => newDraft(kindIn(link)));
  const { draft, change, isKept, takeUp, forget } = useKeptDraft(firmwareId, link ?? '', blank);
  const wanted = steps.find((step) => step === search.get('step')) ?? 'who';
  // without what had been chosen, or with what no longer fits, nobody is to review and start something else
  const [isBegun, setBegun] = useState(() => isKept && steps.every((each) => isFit(draft, each)));
  const step: Step = firmwareId === '' ? 'package' : isBegun || wanted === 'package' ? wanted : 'who';
  const firmware = useAnswer('QueryOTAFirmware', { FirmwareId: firmwareId }, { when: firmwareId !== '' });
  const goTo = (next: Step) => {
    setBegun(true);
    setSearch((now) => {
      now.set('step', next);
      return now;
    });
  };
  const choose = (id: string, status: number) => {
    const isTaken = id !== firmwareId && takeUp(id);
    if (isTaken) setBegun(false);
    else adapt(id, status);
    setSearch((now) => {
      now.set('firmware', id);
      now.set('step', 'who');
      return now;
    });
  };
  const adapt = (id: string, status: number) => {
    if (!isReady({ Status: status })) change({ kind: 'verify' }, id);
    else if (draft.kind === 'verify' && link !== 'verify') change({ kind: 'static' }, id);
    // versions and groups are those of another product
    if (id !== firmwareId) change({ versions: '', names: '', list: undefined, group: '', dynamicGroup: '' }, id);
  };
  const above = [{ href: '/jobs', name: words.title }];
  return (
    <Page title={t.title} above={above}>
      <StepList step={step} firmware={firmwareId} />
      {isKept && step !== 'package' && (
        <div className="note">
          <Icon name="clock" />
          <div>
            <p>{t.kept}</p>
            <button
              type="button"
              className="button"
              onClick={() => {
                forget();
                goTo('who');
              }}
            >
              {t.beginAnew}
            </button>
          </div>
        </div>
      )}
      {step === 'package' ? (
        <PackageStep chosen={firmwareId || undefined} onChoose={choose} />
      ) : firmware.data ? (
        <StepsOf
          draft={draft}
          firmware={firmware.data.FirmwareInfo}
          step={step}
          change={change}
          goTo={goTo}
          onMade={forget}
        />
      ) : (
        <Unavailable
          error={firmware.error}
          onRetry={() => void firmware.refetch()}
          unknown={packages.notFound}
          list={{ href: '/packages', name: packages.toPackages }}
        />
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
