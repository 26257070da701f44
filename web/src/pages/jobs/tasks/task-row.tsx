// biome-ignore-all lint/a11y/useSemanticElements: the rows of a table cannot be drawn apart from each other
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is the grid's, which names the row it is at
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the keys are the grid's
import type { CSSProperties, MouseEvent, ReactNode } from 'react';
import { Link } from 'wouter';
import { useFormats, useServerWords, useTexts } from '../../../i18n/language.tsx';
import { Status } from '../../../ui/status.tsx';
import { Time } from '../../../ui/time.tsx';
import { taskTexts } from '../../common/task-texts.ts';
import type { Task } from './task.ts';
import { tasksTexts } from './tasks-texts.ts';

interface TaskRowProps {
  readonly id: string;
  /** From 0. */
  readonly index: number;
  /** undefined while it is on its way. */
  readonly task: Task | undefined;
  readonly style: CSSProperties;
  readonly active: boolean;
  readonly chosen: boolean;
  readonly onClick: (index: number) => void;
  readonly onToggle: (index: number, shift: boolean) => void;
  readonly onOpen: (index: number) => void;
}

/** One task; a row is there before its task is. */
export function TaskRow({ id, index, task, style, active, chosen, onClick, onToggle, onOpen }: TaskRowProps) {
  const t = useTexts(tasksTexts);
  const { details } = useTexts(taskTexts);
  const formats = useFormats();
  const server = useServerWords();
  return (
    // the keys are the grid's, which has the focus
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      aria-busy={task === undefined}
      className={active ? 'task-row active' : 'task-row'}
      style={style}
      onClick={(event) => (event.shiftKey ? onToggle(index, true) : onClick(index))}
    >
      <Cell
        className="task-check"
        onClick={(event) => {
          event.stopPropagation();
          onToggle(index, event.shiftKey);
        }}
      >
        {task && (
          <input type="checkbox" tabIndex={-1} aria-label={t.selectRow(task.DeviceName)} checked={chosen} readOnly />
        )}
      </Cell>
      <Cell className="numeric soft minor task-number">{formats.number(index + 1)}</Cell>
      <Cell title={task?.DeviceName}>
        {task ? (
          <Link href={`/devices/${task.ProductKey}/${task.DeviceName}`} tabIndex={-1}>
            {task.DeviceName}
          </Link>
        ) : (
          <span className="task-waits">
            <span className="unseen">{t.loading}</span>
          </span>
        )}
      </Cell>
      <Cell>
        {task && (
          <button
            type="button"
            tabIndex={-1}
            className="task-open"
            aria-haspopup="dialog"
            onClick={() => onOpen(index)}
          >
            <Status of="task" status={task.TaskStatus} />
            <span className="unseen"> {details(task.DeviceName)}</span>
          </button>
        )}
      </Cell>
      <Cell className="numeric task-progress">{task && formats.percent(Number(task.Progress) / 100)}</Cell>
      <Cell className="minor task-from" title={task?.SrcVersion}>
        {task && (task.SrcVersion || <span className="soft">–</span>)}
      </Cell>
      <Cell className="task-reason" title={task?.TaskDesc} onClick={() => onOpen(index)}>
        {task?.TaskDesc && <span>{server.sentence(task.TaskDesc)}</span>}
      </Cell>
      <Cell className="minor task-changed">{task && <Time at={task.UtcModified} />}</Cell>
    </div>
  );
}

interface CellProps {
  readonly className?: string;
  /** What may be cut off. */
  readonly title?: string | undefined;
  readonly onClick?: (event: MouseEvent) => void;
  readonly children: ReactNode;
}

function Cell({ className, title, onClick, children }: CellProps) {
  return (
    <div role="gridcell" className={className} title={title} onClick={onClick}>
      {children}
    </div>
  );
}
