import { useSyncExternalStore } from 'react';
import type { BaseLocationHook, BaseSearchHook } from 'wouter';

/** Page and filters stand behind the `#`: a prefix in the path and a server that knows no pages do not matter then. */
const current = () => location.hash.replace(/^#?\/?/, '/');

export const currentPath = (): string => current().split('?')[0] ?? '/';

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

const navigate = (to: string, { replace = false }: { readonly replace?: boolean } = {}): void => {
  const before = currentPath();
  const address = `#${to}`;
  if (replace || address === location.hash) history.replaceState(history.state, '', address);
  else history.pushState(null, '', address);
  // told at once: what changes the address next, such as a timer, has to know this change
  dispatchEvent(new HashChangeEvent('hashchange'));
  // another page is read from its beginning; the browser remembers where the last one was left
  if (currentPath() !== before) scrollTo(0, 0);
};

export const useHashPath: BaseLocationHook = () => {
  const path = useSyncExternalStore(subscribe, currentPath);
  return [path, navigate];
};

export const useHashSearch: BaseSearchHook = () =>
  useSyncExternalStore(subscribe, () => {
    const start = current().indexOf('?');
    return start < 0 ? '' : current().slice(start + 1);
  });

/** Leads to the first page. */
export function goHome(): void {
  location.hash = '/';
}
