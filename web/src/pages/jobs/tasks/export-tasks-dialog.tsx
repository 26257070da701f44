import { useState } from 'react';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { BYTE_ORDER_MARK, harmless, toCsv } from '../../../lib/csv.ts';
import { saveCsv } from '../../../lib/save-file.ts';
import { useStop } from '../../../lib/use-stop.ts';
import { FormDialog } from '../../../ui/dialog.tsx';
import { useNotice } from '../../../ui/notices.tsx';
import { Progress } from '../../../ui/progress.tsx';
import { everyTask } from './every-task.ts';
import type { Task, TaskFilter } from './task.ts';
import { tasksTexts } from './tasks-texts.ts';

const members = [
  'DeviceName',
  'TaskStatus',
  'Progress',
  'SrcVersion',
  'DestVersion',
  'TaskDesc',
  'UtcCreate',
  'UtcModified',
  'TaskId',
] as const satisfies readonly (keyof Task)[];

/** Pages that are kept as text; more of them become a Blob, which a browser may keep on disk. */
const TEXTS = 200;

interface ExportTasksDialogProps {
  readonly filter: TaskFilter;
  readonly total: number;
  readonly state: string;
  readonly onClose: () => void;
}

/** Reads a list of tasks page by page into a CSV file; closing it stops that. */
export function ExportTasksDialog({ filter, total, state, onClose }: ExportTasksDialogProps) {
  const t = useTexts(tasksTexts);
  const formats = useFormats();
  const notice = useNotice();
  const [read, setRead] = useState<number>();
  const stop = useStop();
  const submit = async () => {
    const parts: Blob[] = [];
    let texts = [BYTE_ORDER_MARK, toCsv([members])];
    let count = 0;
    for await (const tasks of everyTask(filter, stop())) {
      texts.push(
        toCsv(
          tasks.map((task) => members.map((member) => (member === 'TaskDesc' ? harmless(task[member]) : task[member]))),
        ),
      );
      if (texts.length >= TEXTS) parts.push(new Blob(texts.splice(0)));
      count += tasks.length;
      setRead(count);
    }
    saveCsv(`tasks-${filter.jobId}.csv`, [...parts, ...texts]);
    texts = [];
    notice(t.exported(formats.number(count)));
  };
  return (
    <FormDialog title={t.exportTitle} submit={t.exportStart} onSubmit={submit} onClose={onClose}>
      <p>{t.exportText(formats.number(total), state)}</p>
      {read !== undefined && (
        <Progress text={t.doing(formats.number(read), formats.number(total))} done={read} total={total} />
      )}
    </FormDialog>
  );
}
