import { useCallback, useEffect, useRef } from 'react';

/** @returns what gives a signal that is aborted once the part that asked is gone: closing a dialog ends what it does */
export function useStop(): () => AbortSignal {
  const stop = useRef(new AbortController());
  useEffect(() => {
    // StrictMode shows each part twice
    if (stop.current.signal.aborted) stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);
  return useCallback(() => stop.current.signal, []);
}
