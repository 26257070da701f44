import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { ErrorNote, useErrorWords } from '../../../ui/error-note.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Status } from '../../../ui/status.tsx';
import { jobsTexts } from '../jobs-texts.ts';
import {
  culpritOf,
  type Draft,
  type DraftField,
  faultsIn,
  needsList,
  type Package,
  type Step,
  steps,
} from './draft.ts';
import { HowStep } from './how-step.tsx';
import { newJobTexts } from './new-job-texts.ts';
import { ReviewStep } from './review-step.tsx';
import { StartBar } from './start-bar.tsx';
import { useTypedList } from './use-typed-list.ts';
import { useTypedNames } from './use-typed-names.ts';
import { isBlocked, WhoStep } from './who-step.tsx';

/** Names that are shown of those that are no devices. */
const SHOWN = 5;

interface StepsOfProps {
  readonly draft: Draft;
  readonly firmware: Package;
  readonly step: Step;
  readonly change: (changes: Partial<Draft>) => void;
  readonly goTo: (step: Step) => void;
  readonly onMade: () => void;
}

/** The steps after the package is chosen, one at a time. */
export function StepsOf({ draft, firmware, step, change, goTo, onMade }: StepsOfProps) {
  const t = useTexts(newJobTexts);
  const words = useTexts(jobsTexts);
  const say = useErrorWords();
  const [shown, setShown] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const list = useTypedList();
  const typed = useTypedNames(draft, firmware);
  const part = useRef<HTMLDivElement>(null);
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
    if (field === 'names' && typed.unknown.length > 0) return t.unknownNames(listed(typed.unknown));
    return culprit?.field === field && refusal !== undefined ? say(refusal) : undefined;
  };
  const at = steps.indexOf(step);
  /** What is wrong has to stand in the page before it can be looked for. */
  const showFaults = () => {
    flushSync(() => setShown(true));
    part.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const next = async () => {
    if (Object.keys(faults).length > 0) return showFaults();
    if (step === 'who' && (await typed.check()).length > 0) return showFaults();
    setRefusal(undefined);
    if (step === 'who' && needsList(draft)) {
      const uploaded = await list.upload(namesIn(draft.names));
      if (!uploaded) return;
      change({ list: uploaded });
    }
    goTo(steps[at + 1] ?? 'review');
  };
  const amend = (error: unknown) => {
    const wrong = culpritOf(error);
    // typed names can be uploaded once more
    if (wrong?.field === 'list' && draft.list?.file === undefined) change({ list: undefined });
    setRefusal(error);
    goTo(wrong?.step ?? 'who');
  };
  const props = {
    draft,
    firmware,
    faultOf,
    unknown: typed.unknown,
    change: (changes: Partial<Draft>) => {
      setRefusal(undefined);
      change(changes);
    },
  };
  const blocked = step === 'who' && isBlocked(draft, firmware);
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
      <div ref={part}>
        {step === 'who' && <WhoStep {...props} />}
        {step === 'how' && <HowStep {...props} />}
        {step === 'review' && <ReviewStep {...props} devices={typed.devices} onAmend={amend} />}
      </div>
      {step === 'review' ? (
        <StartBar
          draft={draft}
          firmware={firmware}
          unknown={typed.unknown}
          onBack={() => goTo('how')}
          onAmend={amend}
          onMade={onMade}
        />
      ) : (
        <>
          {list.error !== undefined && <ErrorNote error={list.error} />}
          <div className="row step-foot">
            <button type="button" className="button" onClick={() => goTo(steps[at - 1] ?? 'package')}>
              {t.back}
            </button>
            <button type="button" className="button main" disabled={blocked || list.busy} onClick={() => void next()}>
              {list.busy ? t.starting : step === 'how' ? t.toReview : t.next}
            </button>
          </div>
        </>
      )}
    </>
  );
}

const listed = (names: readonly string[]) => `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ' …' : ''}`;
