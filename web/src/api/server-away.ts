import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { Unreachable } from './client.ts';

/** Whether something that the page shows could not be asked for anew, since the server does not answer. */
export function useServerAway(): boolean {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    useCallback((changed) => cache.subscribe(changed), [cache]),
    () =>
      cache
        .findAll({ type: 'active' })
        .some(({ state: { data, error } }) => data !== undefined && error instanceof Unreachable),
  );
}
