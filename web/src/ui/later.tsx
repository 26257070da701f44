import { type ComponentType, useEffect, useState } from 'react';
import { Loading } from './loading.tsx';

interface Later<P extends object> {
  (props: P): React.ReactNode;
  /** Begins to load it before it is shown. */
  readonly preload: () => void;
}

/**
 * A part that is loaded when it is first shown, and is shown as soon as it is there. React's own `lazy` is not: once
 * Suspense has shown that something is awaited it shows nothing new for 300 ms, on each level anew.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  let part: ComponentType<P> | undefined;
  let loading: Promise<void> | undefined;
  const begin = () => {
    loading ??= load().then(
      (loaded) => {
        part = loaded;
      },
      (error: unknown) => {
        // the server may be back when it is shown the next time
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  function Part(props: P) {
    const [state, setState] = useState<{ readonly error?: unknown }>({});
    useEffect(() => {
      if (part) return;
      let isGone = false;
      begin().then(
        () => isGone || setState({}),
        (error: unknown) => isGone || setState({ error }),
      );
      return () => {
        isGone = true;
      };
    }, []);
    if (state.error !== undefined) throw state.error;
    const Loaded = part;
    return Loaded ? <Loaded {...props} /> : <Loading />;
  }
  return Object.assign(Part, { preload: () => void begin().catch(() => {}) });
}
