import { useState } from 'react';
import { useChange } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { namesIn } from '../../lib/names-in.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextArea, TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import type { JobDetails } from './job.ts';
import { jobTexts } from './job-texts.ts';
import { tagsIn } from './tags.ts';

interface ChangeJobDialogProps {
  readonly facts: JobDetails;
  readonly onClose: () => void;
}

/** Changes what can be changed of a job that runs. */
export function ChangeJobDialog({ facts, onClose }: ChangeJobDialogProps) {
  const t = useTexts(jobTexts);
  const notice = useNotice();
  const update = useChange('UpdateOTAJob', ['QueryOTAJob', 'ListOTAJob']);
  const isDynamic = facts.SelectionType === 'DYNAMIC';
  const byVersion = isDynamic && facts.SrcVersions.SrcVersion.length > 0;
  const tagsBefore = facts.Tags.OtaTagDTO.map(({ Key, Value }) => `${Key}=${Value}`).join('\n');
  const [rate, setRate] = useState(String(facts.MaximumPerMinute));
  const [timeout, setTimeoutText] = useState(String(facts.TimeoutInMinutes ?? ''));
  const [versions, setVersions] = useState(facts.SrcVersions.SrcVersion.join('\n'));
  const [tags, setTags] = useState(tagsBefore);
  const { wrong, tags: wanted } = tagsIn(tags);
  const save = async () => {
    await update.mutateAsync({
      JobId: facts.JobId,
      MaximumPerMinute: Number(rate),
      TargetSelection: facts.TargetSelection,
      UpgradeType: facts.SelectionType,
      TimeoutInMinutes: isDynamic && timeout !== '' ? Number(timeout) : undefined,
      SrcVersionList: byVersion ? namesIn(versions) : undefined,
      Tags: tags === tagsBefore ? undefined : wanted,
    });
    notice(t.saved);
  };
  return (
    <FormDialog title={t.changeTitle} submit={t.save} onSubmit={save} onClose={onClose} disabled={wrong !== undefined}>
      <TextField
        label={t.maximumField}
        hint={t.maximumHint}
        type="number"
        min={10}
        max={10_000}
        required
        value={rate}
        onChange={setRate}
      />
      {isDynamic && (
        <TextField
          label={t.timeoutField}
          hint={t.timeoutHint}
          type="number"
          min={1}
          max={1_440}
          // it can be changed and not taken away
          required={facts.TimeoutInMinutes !== undefined}
          value={timeout}
          onChange={setTimeoutText}
        />
      )}
      {byVersion && (
        <TextArea label={t.sourceField} hint={t.sourceHint} value={versions} required onChange={setVersions} />
      )}
      <TextArea
        label={t.tagsField}
        hint={t.tagsHint}
        error={wrong === undefined ? undefined : t.badTag(wrong)}
        value={tags}
        onChange={setTags}
      />
    </FormDialog>
  );
}
