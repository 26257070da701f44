import { useEffect, useRef, useState } from 'react';
import { useRefresh } from '../../api/hooks.ts';
import { deviceAnswers } from './bulk-dialog.tsx';
import type { Entry } from './name-list.ts';
import {
  type Application,
  applyForCount,
  type BadName,
  checkNames,
  type RegisteredDevice,
  register,
} from './registration.ts';

export type Stage =
  | { readonly at: 'begin' }
  | { readonly at: 'checking' | 'registering'; readonly done: number; readonly total: number }
  /** Some names are refused; `rest` are the others. Nothing is registered. */
  | { readonly at: 'refused'; readonly bad: readonly BadName[]; readonly rest: readonly Entry[] }
  | { readonly at: 'done'; readonly devices: readonly RegisteredDevice[]; readonly bad: readonly BadName[] }
  | { readonly at: 'stopped' }
  | { readonly at: 'failed'; readonly error: unknown };

export interface Registration {
  readonly stage: Stage;
  registerNames(entries: readonly Entry[]): void;
  registerCount(count: number): void;
  stop(): void;
  reset(): void;
}

/** Registers many devices of a product, step by step; leaving the page stops it. */
export function useRegistration(productKey: string): Registration {
  const [stage, setStage] = useState<Stage>({ at: 'begin' });
  const stop = useRef(new AbortController());
  const refresh = useRefresh();
  useEffect(() => () => stop.current.abort(), []);

  const run = async (work: (signal: AbortSignal) => Promise<Stage>) => {
    stop.current.abort();
    const own = new AbortController();
    stop.current = own;
    let end: Stage;
    try {
      end = await work(own.signal);
    } catch (error) {
      end = own.signal.aborted ? { at: 'stopped' } : { at: 'failed', error };
    }
    setStage(end);
    await refresh(deviceAnswers);
  };
  const made = async (applications: readonly Application[], total: number, start: boolean, signal: AbortSignal) => {
    const onStep = (done: number) => setStage({ at: 'registering', done, total });
    onStep(0);
    const result = await register(productKey, applications, { signal, onStep, start });
    return { at: 'done', ...result } as const;
  };

  return {
    stage,
    registerNames: (entries) =>
      void run(async (signal) => {
        const total = entries.length;
        const onStep = (done: number) => setStage({ at: 'checking', done, total });
        onStep(0);
        const { applications, bad } = await checkNames(productKey, entries, { signal, onStep });
        if (bad.length === 0) return made(applications, total, true, signal);
        const refused = new Set(bad.map(({ name }) => name));
        return { at: 'refused', bad, rest: entries.filter(({ name }) => !refused.has(name)) };
      }),
    registerCount: (count) =>
      void run(async (signal) => {
        setStage({ at: 'registering', done: 0, total: count });
        return made(await applyForCount(productKey, count, signal), count, false, signal);
      }),
    stop: () => stop.current.abort(),
    reset: () => setStage({ at: 'begin' }),
  };
}
