import { type FormEvent, useId, useState } from 'react';
import { useTexts } from '../../../i18n/language.tsx';
import { tasksTexts } from './tasks-texts.ts';

interface GoToRowProps {
  readonly total: number;
  /** From 0. */
  readonly onRow: (row: number) => void;
}

export function GoToRow({ total, onRow }: GoToRowProps) {
  const t = useTexts(tasksTexts);
  const id = useId();
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const row = Math.trunc(Number(typed));
    if (row > 0) onRow(Math.min(total, row) - 1);
  };
  return (
    <form className="row task-go" onSubmit={submit}>
      <label htmlFor={id}>{t.row}</label>
      <input
        id={id}
        className="page-number"
        type="number"
        min={1}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="button">
        {t.rowGo}
      </button>
    </form>
  );
}
