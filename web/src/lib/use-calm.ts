import { useEffect, useState } from 'react';

/** The value once it has not changed for `ms` milliseconds; the first one at once. */
export function useCalm<V>(value: V, ms: number): V {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return calm;
}
