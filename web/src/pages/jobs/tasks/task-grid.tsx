// biome-ignore-all lint/a11y/useSemanticElements: the rows of a table cannot be drawn apart from each other
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is the grid's, which names the row it is at
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTexts } from '../../../i18n/language.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Loading } from '../../../ui/loading.tsx';
import { Pager } from '../../../ui/table.tsx';
import { TaskDialog } from '../../common/task-dialog.tsx';
import { GoToRow } from './go-to-row.tsx';
import { rowsSeen } from './long-scroll.ts';
import { isChosen, type Selection } from './selection.ts';
import { PAGE_SIZE, type Task, type TaskFilter } from './task.ts';
import { TaskRow } from './task-row.tsx';
import { tasksTexts } from './tasks-texts.ts';
import { useLongScroll } from './use-long-scroll.ts';
import { useTasks } from './use-tasks.ts';

const ROW = 40;
const HEAD = 36;
/** Rows that are drawn above and below what is seen. */
const SPARE = 8;
const COLUMNS = 8;
/** The frame shows at least so many rows. */
const LEAST = 10;

interface TaskGridProps {
  readonly filter: TaskFilter;
  /** What the counters of the job say, until the list itself says it. */
  readonly expected: number | undefined;
  /** From 0: where to begin. */
  readonly start: number;
  readonly selection: Selection;
  /** A row was chosen, or all from the one that was chosen before. */
  readonly onToggle: (task: Task | undefined, index: number, shift: boolean) => void;
  readonly onSelectAll: () => void;
  /** What is in sight: its tasks, and the first row once scrolling has ended. */
  readonly onSeen: (tasks: readonly Task[]) => void;
  readonly onRest: (row: number) => void;
}

/** A table of as many tasks as there are; only those in sight are fetched and drawn. */
export function TaskGrid(props: TaskGridProps) {
  const { filter, expected, start, selection, onToggle, onSelectAll, onSeen, onRest } = props;
  const t = useTexts(tasksTexts);
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [known, setKnown] = useState<number>();
  const [active, setActive] = useState<number>();
  const [opened, setOpened] = useState<Task>();
  const total = known ?? expected ?? 0;
  const { place, height, viewport, goTo, show } = useLongScroll(frame, total, ROW, HEAD, start);
  const { from, to } = rowsSeen(place.at, viewport, ROW, total, SPARE);
  const first = Math.floor(place.at / ROW);
  const tasks = useTasks(filter, from, to);
  const rows = Array.from({ length: to - from }, (_, step) => ({ index: from + step, task: tasks.at(from + step) }));

  useEffect(() => {
    if (tasks.total !== undefined) setKnown(tasks.total);
  }, [tasks.total]);
  useEffect(() => {
    const timer = setTimeout(() => onRest(first), 400);
    return () => clearTimeout(timer);
  }, [first, onRest]);
  const seen = rows.flatMap(({ task }) => (task ? [task] : []));
  const news = seen.map(({ TaskId, TaskStatus }) => TaskId + TaskStatus).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when something of it is new
  useEffect(() => onSeen(seen), [news, onSeen]);

  const activate = (row: number) => {
    const inside = Math.min(total - 1, Math.max(0, row));
    setActive(inside);
    show(inside);
    return inside;
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget && (event.target as HTMLElement).tagName === 'INPUT') return;
    const at = active ?? first;
    const screen = Math.max(1, Math.floor(viewport / ROW) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active === undefined ? first : at + 1,
      ArrowUp: at - 1,
      PageDown: at + screen,
      PageUp: at - screen,
      Home: 0,
      End: total - 1,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      const row = activate(step);
      if (event.shiftKey) onToggle(tasks.at(row), row, true);
    } else if (event.key === ' ') onToggle(tasks.at(at), at, event.shiftKey);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) onSelectAll();
    else if (event.key === 'Enter') setOpened(tasks.at(at));
    else return;
    event.preventDefault();
  };
  const isDrawn = active !== undefined && active >= from && active < to;
  const page = Math.floor(first / PAGE_SIZE) + 1;

  return (
    <>
      {Boolean(tasks.error) && <ErrorNote error={tasks.error} onRetry={tasks.retry} />}
      {known === undefined && expected === undefined && !tasks.error && <Loading />}
      <p className="unseen" id={`${id}-keys`}>
        {t.keys}
      </p>
      <div
        ref={frame}
        role="grid"
        // a list of a million rows has one stop of the Tab key
        tabIndex={0}
        className="task-grid"
        aria-label={t.grid}
        aria-describedby={`${id}-keys`}
        aria-rowcount={total + 1}
        aria-colcount={COLUMNS}
        aria-multiselectable="true"
        aria-activedescendant={isDrawn ? `${id}-${active}` : undefined}
        onKeyDown={pressed}
        style={{ height: `min(${total * ROW + HEAD + 2}px, max(${LEAST * ROW + HEAD + 2}px, 100vh - 450px))` }}
      >
        <GridHead />
        <div role="rowgroup" className="task-rows" style={{ height }}>
          {rows.map(({ index, task }) => (
            <TaskRow
              key={index}
              id={`${id}-${index}`}
              index={index}
              task={task}
              style={{ transform: `translateY(${index * ROW - place.at + place.top}px)` }}
              active={index === active}
              chosen={task ? isChosen(selection, task) : selection.everything}
              onClick={setActive}
              onToggle={(row, shift) => {
                setActive(row);
                onToggle(tasks.at(row), row, shift);
              }}
              onOpen={(row) => setOpened(tasks.at(row))}
            />
          ))}
        </div>
      </div>
      {opened && <TaskDialog task={opened} onClose={() => setOpened(undefined)} />}
      {known === 0 && <Empty title={t.noneFiltered} />}
      <div className="row">
        {total > 0 && (
          <Pager page={page} pageSize={PAGE_SIZE} total={total} onPage={(to) => goTo((to - 1) * PAGE_SIZE)} />
        )}
        {total > PAGE_SIZE && (
          <GoToRow
            total={total}
            onRow={(row) => {
              setActive(row);
              goTo(row);
            }}
          />
        )}
      </div>
    </>
  );
}

function GridHead() {
  const t = useTexts(tasksTexts);
  const { device, state, progress, from, reason, changed } = t.columns;
  const heads = [
    { name: t.select, className: 'task-check', unseen: true },
    { name: t.row, className: 'numeric minor task-number' },
    { name: device },
    { name: state },
    { name: progress, className: 'numeric task-progress' },
    { name: from, className: 'minor task-from' },
    { name: reason, className: 'task-reason' },
    { name: changed, className: 'minor' },
  ];
  return (
    <div role="rowgroup" className="task-head">
      <div role="row" aria-rowindex={1} className="task-row">
        {heads.map(({ name, className, unseen }) => (
          <div key={name} role="columnheader" className={className}>
            {unseen ? <span className="unseen">{name}</span> : name}
          </div>
        ))}
      </div>
    </div>
  );
}
