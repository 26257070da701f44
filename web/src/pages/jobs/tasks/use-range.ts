import { useEffect, useRef, useState } from 'react';
import { everyTask } from './every-task.ts';
import type { Task, TaskFilter } from './task.ts';

/** A range is read page by page: with more it is no longer done at once. */
export const MOST_IN_RANGE = 10_000;

export type RangeState =
  | { readonly at: 'rest' }
  | { readonly at: 'reading' }
  | { readonly at: 'tooFar' }
  | { readonly at: 'failed'; readonly error: unknown };

interface Range {
  readonly state: RangeState;
  /** The row from which the next range goes. */
  readonly begin: (row: number) => void;
  readonly extend: (row: number) => void;
  readonly take: (from: number, to: number) => void;
}

/** Chooses the tasks of rows that follow each other, those that are not in sight as well. */
export function useRange(filter: TaskFilter, onTasks: (tasks: readonly Task[]) => void): Range {
  const [state, setState] = useState<RangeState>({ at: 'rest' });
  const anchor = useRef<number>(undefined);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const take = async (from: number, to: number) => {
    stop.current.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    if (to - from > MOST_IN_RANGE) return setState({ at: 'tooFar' });
    setState({ at: 'reading' });
    try {
      for await (const tasks of everyTask(filter, signal, from, to)) onTasks(tasks);
      setState({ at: 'rest' });
    } catch (error) {
      if (!signal.aborted) setState({ at: 'failed', error });
    }
  };
  return {
    state,
    begin(row) {
      anchor.current = row;
      setState({ at: 'rest' });
    },
    extend(row) {
      const from = anchor.current ?? row;
      anchor.current ??= row;
      void take(Math.min(from, row), Math.max(from, row) + 1);
    },
    take: (from, to) => void take(from, to),
  };
}
