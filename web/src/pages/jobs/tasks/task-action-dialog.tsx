import { useState } from 'react';
import { callAction } from '../../../api/client.ts';
import { useRefresh } from '../../../api/hooks.ts';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { useStop } from '../../../lib/use-stop.ts';
import { FormDialog } from '../../../ui/dialog.tsx';
import { Progress } from '../../../ui/progress.tsx';
import type { ListedJob } from '../job.ts';
import { everyTask } from './every-task.ts';
import { inSlices } from './in-slices.ts';
import { fitting, type Selection } from './selection.ts';
import { sliceOf, type Task, type TaskAction, type TaskFilter } from './task.ts';
import { tasksTexts } from './tasks-texts.ts';

export interface ActionOutcome {
  readonly action: TaskAction;
  readonly done: number;
  readonly refused: ReadonlyMap<Task, unknown>;
}

interface TaskActionDialogProps {
  readonly action: TaskAction;
  readonly job: ListedJob;
  readonly filter: TaskFilter;
  readonly selection: Selection;
  /** Tasks of the selection with which this can be done, as far as is known. */
  readonly count: number;
  readonly onOutcome: (outcome: ActionOutcome) => void;
  readonly onClose: () => void;
}

const MANY = 100;

/** Asks whether it is meant, says how many devices it hits, and does it slice by slice. */
export function TaskActionDialog(props: TaskActionDialogProps) {
  const { action, job, filter, selection, count, onOutcome, onClose } = props;
  const t = useTexts(tasksTexts);
  const formats = useFormats();
  const refresh = useRefresh();
  const [text, setText] = useState<string>();
  const [through, setThrough] = useState({ done: 0, total: 0 });
  const stop = useStop();

  const submit = async () => {
    const signal = stop();
    try {
      // one call for all of them, however many there are
      if (action === 'cancel' && selection.everything) {
        await callAction('CancelOTATaskByJob', cancelFlags(filter), signal);
        onOutcome({ action, done: count, refused: new Map() });
        return;
      }
      const tasks = fitting(selection.chosen.values(), action);
      if (selection.everything) {
        // read before anything is done: what is done moves tasks out of this list
        for await (const page of everyTask(filter, signal)) {
          tasks.push(...fitting(page, action));
          setText(t.reading(formats.number(tasks.length)));
        }
      }
      const told = (done: number) => {
        setThrough({ done, total: tasks.length });
        setText(t.doing(formats.number(done), formats.number(tasks.length)));
      };
      told(0);
      const act = (slice: readonly Task[]) => callFor(action, job, slice, signal);
      onOutcome({ action, ...(await inSlices(tasks, sliceOf[action], act, signal, told)) });
    } finally {
      void refresh(['ListOTATaskByJob', 'ListOTAJob', 'QueryOTAJob']);
    }
  };
  const others = selection.everything ? 0 : selection.chosen.size - count;
  return (
    <FormDialog
      title={t.titles[action]}
      submit={t.submits[action]}
      danger={action === 'cancel'}
      {...(action === 'cancel' ? { dismiss: t.cancelNot } : {})}
      onSubmit={submit}
      onClose={onClose}
      {...(action === 'cancel' && count >= MANY ? { retype: job.DestVersion } : {})}
    >
      <p>{t.says[action](formats.number(count))}</p>
      {others > 0 && <p className="soft">{t.others(formats.number(others))}</p>}
      {text !== undefined && <Progress text={text} done={through.done} total={through.total} />}
    </FormDialog>
  );
}

function cancelFlags({ jobId, status }: TaskFilter) {
  const meant = (state: string) => status === undefined || status === state;
  return {
    JobId: jobId,
    CancelQueuedTask: meant('QUEUED'),
    CancelNotifiedTask: meant('NOTIFIED'),
    CancelInProgressTask: meant('IN_PROGRESS'),
    CancelUnconfirmedTask: meant('CONFIRM'),
  };
}

function callFor(action: TaskAction, job: ListedJob, slice: readonly Task[], signal: AbortSignal): Promise<unknown> {
  const ids = slice.map(({ TaskId }) => TaskId);
  switch (action) {
    case 'cancel':
      return callAction(
        'CancelOTATaskByDevice',
        {
          FirmwareId: job.FirmwareId,
          ProductKey: job.ProductKey,
          JobId: job.JobId,
          DeviceName: slice.map(({ DeviceName }) => DeviceName),
        },
        signal,
      );
    case 'confirm':
      return callAction('ConfirmOTATask', { TaskId: ids }, signal);
    case 'reupgrade':
      return callAction('ReupgradeOTATask', { JobId: job.JobId, TaskId: ids }, signal);
  }
}
