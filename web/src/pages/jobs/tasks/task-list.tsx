import { useCallback, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { useNotice } from '../../../ui/notices.tsx';
import type { ListedJob } from '../job.ts';
import { RefusedTasks } from './refused-tasks.tsx';
import { nothing, refreshed, type Selection, toggled, withTasks } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import type { Task, TaskFilter } from './task.ts';
import type { ActionOutcome } from './task-action-dialog.tsx';
import { TaskGrid } from './task-grid.tsx';
import { tasksTexts } from './tasks-texts.ts';
import { useRange } from './use-range.ts';

interface TaskListProps {
  readonly job: ListedJob;
  readonly filter: TaskFilter;
  /** Tasks of the filter as the job counts them; undefined for names. */
  readonly expected: number | undefined;
  /** The filter in words. */
  readonly state: string;
}

/** The table, what is chosen in it, and what is done with that. */
export function TaskList({ job, filter, expected, state }: TaskListProps) {
  const t = useTexts(tasksTexts);
  const formats = useFormats();
  const notice = useNotice();
  const [search, setSearch] = useSearchParams();
  const [start] = useState(() => Math.max(0, Number(search.get('row') ?? 1) - 1) || 0);
  const [selection, setSelection] = useState<Selection>(nothing);
  const [outcome, setOutcome] = useState<ActionOutcome>();
  const take = useCallback((tasks: readonly Task[]) => setSelection((now) => withTasks(now, tasks)), []);
  const range = useRange(filter, take);
  const toggle = (task: Task | undefined, index: number, shift: boolean) => {
    if (shift) range.extend(index);
    else if (task) {
      range.begin(index);
      setSelection((now) => toggled(now, task));
    }
  };
  const all = filter.names.length > 0 ? undefined : expected;
  const selectAll = () =>
    filter.names.length > 0
      ? range.take(0, filter.names.length)
      : setSelection({ everything: true, chosen: nothing.chosen });
  // the address changes when the place does, and not because this list has just been drawn
  const resting = useRef(start);
  const rest = useCallback(
    (row: number) => {
      if (row === resting.current) return;
      resting.current = row;
      setSearch(
        (now) => {
          if (row === 0) now.delete('row');
          else now.set('row', String(row + 1));
          return now;
        },
        { replace: true },
      );
    },
    [setSearch],
  );
  const seen = useCallback((tasks: readonly Task[]) => setSelection((now) => refreshed(now, tasks)), []);
  return (
    <>
      <SelectionBar
        job={job}
        filter={filter}
        state={state}
        all={all}
        selection={selection}
        range={range.state}
        onAll={selectAll}
        onClear={() => setSelection(nothing)}
        onOutcome={(now) => {
          setOutcome(now.refused.size > 0 ? now : undefined);
          setSelection(nothing);
          notice(t.done[now.action](formats.number(now.done)));
        }}
      />
      {outcome && <RefusedTasks outcome={outcome} onDismiss={() => setOutcome(undefined)} />}
      <TaskGrid
        filter={filter}
        expected={expected}
        start={start}
        selection={selection}
        onToggle={toggle}
        onSelectAll={selectAll}
        onSeen={seen}
        onRest={rest}
      />
    </>
  );
}
