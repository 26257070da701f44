import { useId } from 'react';

interface ProgressProps {
  /** What is going on, with its numbers; read aloud as it changes. */
  readonly text: string;
  readonly done: number;
  readonly total: number;
}

/** How far something is that the page does step by step. */
export function Progress({ text, done, total }: ProgressProps) {
  const id = useId();
  return (
    <div>
      <p id={id} role="status">
        {text}
      </p>
      <progress aria-labelledby={id} max={Math.max(1, total)} value={done} />
    </div>
  );
}
