import { useState } from 'react';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import type { TaskStatus } from '../../../ui/status.tsx';
import { countsOf, type ListedJob } from '../job.ts';
import { fitting, type Selection } from './selection.ts';
import { fits, type TaskAction, type TaskFilter } from './task.ts';
import { type ActionOutcome, TaskActionDialog } from './task-action-dialog.tsx';
import { tasksTexts } from './tasks-texts.ts';
import { MOST_IN_RANGE, type RangeState } from './use-range.ts';

const actions = [
  { action: 'confirm', needs: 'ConfirmOTATask' },
  { action: 'reupgrade', needs: 'ReupgradeOTATask' },
  { action: 'cancel', needs: 'CancelOTATaskByDevice' },
] as const;

interface SelectionBarProps {
  readonly job: ListedJob;
  readonly filter: TaskFilter;
  readonly state: string;
  /** Tasks of the filter, where they can be chosen all at once. */
  readonly all: number | undefined;
  readonly selection: Selection;
  readonly range: RangeState;
  readonly onAll: () => void;
  readonly onClear: () => void;
  readonly onOutcome: (outcome: ActionOutcome) => void;
}

/** What is chosen, and what can be done with it. */
export function SelectionBar(props: SelectionBarProps) {
  const { job, filter, state, all, selection, range, onAll, onClear, onOutcome } = props;
  const t = useTexts(tasksTexts);
  const formats = useFormats();
  const may = useMay();
  const [open, setOpen] = useState<TaskAction>();
  const { everything, chosen } = selection;
  const counts = countsOf(job);
  const countFor = (action: TaskAction): number => {
    if (!everything) return fitting(chosen.values(), action).length;
    const states: readonly TaskStatus[] = fits[action];
    return states
      .filter((status) => filter.status === undefined || status === filter.status)
      .reduce((sum, status) => sum + counts[status], 0);
  };
  const some = everything || chosen.size > 0;
  return (
    <div className="selection-bar">
      <p role="status">
        {everything
          ? t.selectedAll(formats.number(all ?? 0), state)
          : chosen.size > 0 && t.selected(formats.number(chosen.size))}
        {range.at === 'reading' && ` ${t.collecting}`}
        {range.at === 'tooFar' && ` ${t.tooFar(formats.number(MOST_IN_RANGE))}`}
      </p>
      {range.at === 'failed' && <ErrorNote error={range.error} />}
      <div className="row">
        {!everything && all !== 0 && (
          <button type="button" className="button" onClick={onAll}>
            {t.selectAll(formats.number(all ?? filter.names.length))}
          </button>
        )}
        {some && (
          <button type="button" className="button quiet" onClick={onClear}>
            {t.clearSelection}
          </button>
        )}
        {some &&
          actions
            .filter(({ action, needs }) => may(needs) && countFor(action) > 0)
            .map(({ action }) => (
              <button
                key={action}
                type="button"
                className={action === 'cancel' ? 'button danger' : 'button main'}
                onClick={() => setOpen(action)}
              >
                {t[action](formats.number(countFor(action)))}
              </button>
            ))}
      </div>
      {open && (
        <TaskActionDialog
          action={open}
          job={job}
          filter={filter}
          selection={selection}
          count={countFor(open)}
          onOutcome={onOutcome}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  );
}
