import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { useErrorWords } from '../../../ui/error-note.tsx';
import { Icon } from '../../../ui/icon.tsx';
import type { ActionOutcome } from './task-action-dialog.tsx';
import { tasksTexts } from './tasks-texts.ts';

const SHOWN = 5;

interface RefusedTasksProps {
  readonly outcome: ActionOutcome;
  readonly onDismiss: () => void;
}

/** What an action was refused for, device by device. */
export function RefusedTasks({ outcome, onDismiss }: RefusedTasksProps) {
  const t = useTexts(tasksTexts);
  const formats = useFormats();
  const say = useErrorWords();
  const { refused } = outcome;
  return (
    <div className="note bad" role="alert">
      <Icon name="warning" />
      <div>
        <p>{t.refused(formats.number(refused.size))}</p>
        <ul>
          {[...refused].slice(0, SHOWN).map(([task, error]) => (
            <li key={task.TaskId}>
              <b>{task.DeviceName}</b>: {say(error)}
            </li>
          ))}
          {refused.size > SHOWN && <li>{t.more(formats.number(refused.size - SHOWN))}</li>}
        </ul>
        <button type="button" className="button" onClick={onDismiss}>
          {t.dismiss}
        </button>
      </div>
    </div>
  );
}
