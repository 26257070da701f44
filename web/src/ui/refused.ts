import { useState } from 'react';
import { flushSync } from 'react-dom';
import { Refusal } from '../api/client.ts';
import { useErrorWords } from './error-note.tsx';

interface Refused<F extends string> {
  /** What is to be said at a field while it holds what was refused. */
  at(field: F): string | undefined;
  /** For `FormDialog`: stays open and resolves with false when a field was refused; other problems are thrown on. */
  watch(submit: () => Promise<unknown>): () => Promise<unknown>;
}

/**
 * Has the refusals that are about one field said at that field.
 * @param culprits the field of each code of the API
 * @param values what the fields hold
 */
export function useRefused<F extends string>(
  culprits: Readonly<Record<string, F>>,
  values: Readonly<Record<F, string>>,
): Refused<F> {
  const say = useErrorWords();
  const [refused, setRefused] = useState<{ readonly field: F; readonly value: string; readonly error: Refusal }>();
  return {
    at: (field) => (refused?.field === field && refused.value === values[field] ? say(refused.error) : undefined),
    watch: (submit) => async () => {
      try {
        return await submit();
      } catch (error) {
        const field = error instanceof Refusal ? culprits[error.code] : undefined;
        if (!(error instanceof Refusal) || field === undefined) throw error;
        flushSync(() => setRefused({ field, value: values[field], error }));
        return false;
      }
    },
  };
}
