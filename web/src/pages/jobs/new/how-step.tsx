import { useEffect, useState } from 'react';
import { useTexts } from '../../../i18n/language.tsx';
import { CheckField, Choice, SelectField, TextArea, TextField } from '../../../ui/field.tsx';
import { Card } from '../../../ui/page.tsx';
import { type Draft, newDraft } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import type { StepProps } from './step-props.ts';

const folded = ['retryCount', 'retryInterval', 'push', 'confirm', 'overwrite', 'multi', 'protocol', 'tags'] as const;
const isChanged = (draft: Draft) => folded.some((field) => draft[field] !== newDraft(draft.kind)[field]);

/** Chooses how fast, when, and what happens to a device that is slow or fails. */
export function HowStep(props: StepProps) {
  const { draft, change, faultOf } = props;
  const t = useTexts(newJobTexts);
  const [open, setOpen] = useState(() => isChanged(draft));
  const isWrong = folded.some((field) => faultOf(field) !== undefined);
  useEffect(() => {
    // it stays open when what was wrong is amended: somebody is typing there
    if (isWrong) setOpen(true);
  }, [isWrong]);
  return (
    <Card>
      <div className="form">
        {draft.kind !== 'verify' && (
          <TextField
            label={t.rate}
            hint={t.rateHint}
            error={faultOf('rate')}
            type="number"
            min={10}
            max={10_000}
            value={draft.rate}
            onChange={(rate) => change({ rate })}
          />
        )}
        <TextField
          label={t.timeout}
          hint={t.timeoutHint}
          error={faultOf('timeout')}
          type="number"
          min={1}
          max={1_440}
          value={draft.timeout}
          onChange={(timeout) => change({ timeout })}
        />
        {draft.kind === 'static' && <Schedule {...props} />}
        <details open={open || isWrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{t.more}</summary>
          <div className="form more-settings">
            <MoreSettings {...props} />
          </div>
        </details>
      </div>
    </Card>
  );
}

function Schedule({ draft, change, faultOf }: StepProps) {
  const t = useTexts(newJobTexts);
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <Choice
        label={t.start}
        value={draft.start}
        onChange={(start) => change({ start })}
        options={(['now', 'planned'] as const).map((value) => ({
          value,
          name: t.starts[value],
          hint: t.startHints[value],
        }))}
      />
      {draft.start === 'planned' && (
        <TextField
          label={t.startAt}
          hint={t.zone(zone)}
          error={faultOf('startAt')}
          type="datetime-local"
          value={draft.startAt}
          onChange={(startAt) => change({ startAt })}
        />
      )}
      <TextField
        label={t.endAt}
        hint={`${t.endAtHint} ${t.zone(zone)}`}
        error={faultOf('endAt')}
        type="datetime-local"
        value={draft.endAt}
        onChange={(endAt) => change({ endAt })}
      />
    </>
  );
}

function MoreSettings({ draft, change, faultOf }: StepProps) {
  const t = useTexts(newJobTexts);
  return (
    <>
      {draft.kind !== 'verify' && (
        <>
          <SelectField
            label={t.retry}
            error={faultOf('retryCount')}
            value={draft.retryCount}
            onChange={(retryCount) => change({ retryCount })}
            options={(['0', '1', '2', '5'] as const).map((value) => ({ value, name: t.retries[value] }))}
          />
          {draft.retryCount !== '0' && (
            <SelectField
              label={t.interval}
              error={faultOf('retryInterval')}
              value={draft.retryInterval}
              onChange={(retryInterval) => change({ retryInterval })}
              options={(['0', '10', '30', '60', '1440'] as const).map((value) => ({
                value,
                name: t.intervals[value],
              }))}
            />
          )}
          <CheckField
            label={t.overwrite}
            hint={t.overwriteHint}
            checked={draft.overwrite}
            onChange={(overwrite) => change({ overwrite })}
          />
          <CheckField label={t.multi} checked={draft.multi} onChange={(multi) => change({ multi })} />
        </>
      )}
      <CheckField label={t.push} hint={t.pushHint} checked={draft.push} onChange={(push) => change({ push })} />
      <CheckField
        label={t.confirm}
        hint={t.confirmHint}
        checked={draft.confirm}
        onChange={(confirm) => change({ confirm })}
      />
      <SelectField
        label={t.protocol}
        error={faultOf('protocol')}
        value={draft.protocol}
        onChange={(protocol) => change({ protocol })}
        options={(['HTTPS', 'MQTT'] as const).map((value) => ({ value, name: t.protocols[value] }))}
      />
      <TextArea
        label={t.tags}
        hint={t.tagsHint}
        error={faultOf('tags')}
        value={draft.tags}
        onChange={(tags) => change({ tags })}
      />
    </>
  );
}
