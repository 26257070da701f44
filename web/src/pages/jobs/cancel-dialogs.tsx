import { useState } from 'react';
import { useChange } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { CheckField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { statusTexts } from '../../ui/status.tsx';
import { countsOf, kindOf, type ListedJob, openIn } from './job.ts';
import { jobTexts } from './job-texts.ts';

const openStatuses = ['CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS'] as const;
type OpenStatus = (typeof openStatuses)[number];

/** So many devices are not canceled by two careless clicks. */
const MANY = 100;

interface DialogProps {
  readonly job: ListedJob;
  readonly onClose: () => void;
}

/** Cancels tasks of a job by their state, and says how many devices that hits. */
export function CancelTasksDialog({ job, onClose }: DialogProps) {
  const t = useTexts(jobTexts);
  const words = useTexts(statusTexts);
  const formats = useFormats();
  const notice = useNotice();
  const cancel = useChange('CancelOTATaskByJob', ['ListOTAJob', 'ListOTATaskByJob', 'QueryOTAJob']);
  const [chosen, setChosen] = useState<readonly OpenStatus[]>(['CONFIRM', 'QUEUED', 'NOTIFIED']);
  const counts = countsOf(job);
  const hit = openStatuses.reduce((sum, status) => sum + (chosen.includes(status) ? counts[status] : 0), 0);
  const isChosen = (status: OpenStatus) => chosen.includes(status);
  const send = async () => {
    await cancel.mutateAsync({
      JobId: job.JobId,
      CancelQueuedTask: isChosen('QUEUED'),
      CancelNotifiedTask: isChosen('NOTIFIED'),
      CancelInProgressTask: isChosen('IN_PROGRESS'),
      CancelUnconfirmedTask: isChosen('CONFIRM'),
    });
    notice(t.canceled(formats.number(hit)));
  };
  return (
    <FormDialog
      title={t.cancelTitle}
      submit={t.cancelDo}
      dismiss={t.cancelNot}
      danger
      onSubmit={send}
      onClose={onClose}
      disabled={hit === 0}
      {...(hit >= MANY ? { retype: job.DestVersion } : {})}
    >
      <fieldset className="choices">
        <legend>{t.cancelWhich}</legend>
        {openStatuses.map((status) => (
          <CheckField
            key={status}
            label={t.counted(words.task[status], formats.number(counts[status]))}
            hint={t.cancelHints[status]}
            checked={isChosen(status)}
            onChange={(on) => setChosen(on ? [...chosen, status] : chosen.filter((each) => each !== status))}
          />
        ))}
      </fieldset>
      <p role="status">
        <b>{chosen.length === 0 ? t.keep : hit === 0 ? t.nobody : t.cancelCount(formats.number(hit))}</b>
      </p>
      {kindOf(job) === 'dynamic' && job.JobStatus === 'IN_PROGRESS' && <p className="soft">{t.cancelDynamic}</p>}
    </FormDialog>
  );
}

/** Ends the search of a dynamic job for devices. */
export function EndSearchDialog({ job, onClose }: DialogProps) {
  const t = useTexts(jobTexts);
  const formats = useFormats();
  const notice = useNotice();
  const end = useChange('CancelOTAStrategyByJob', ['ListOTAJob', 'QueryOTAJob']);
  const send = async () => {
    await end.mutateAsync({ JobId: job.JobId });
    notice(t.endSearchDone);
  };
  return (
    <FormDialog
      title={t.endSearchTitle}
      submit={t.endSearch}
      dismiss={t.endSearchNot}
      danger
      onSubmit={send}
      onClose={onClose}
    >
      <p>{t.endSearchText}</p>
      <p>{t.endSearchTasks(formats.number(openIn(countsOf(job))))}</p>
    </FormDialog>
  );
}
