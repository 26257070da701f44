import { useSearchParams } from 'wouter';

type Changes = Readonly<Record<string, string | number | undefined>>;

/**
 * What the address says behind its `?`, and how to change it: what is undefined or empty is taken away, as is a first
 * `page`. `replace` leaves no step to go back to, as for each letter of a search.
 */
export function useParameters(): [URLSearchParams, (changes: Changes, replace?: boolean) => void] {
  const [parameters, setParameters] = useSearchParams();
  const change = (changes: Changes, replace = false) =>
    setParameters(
      (now) => {
        const next = new URLSearchParams(now);
        for (const [name, value] of Object.entries(changes)) {
          if (value === undefined || value === '' || (name === 'page' && value === 1)) next.delete(name);
          else next.set(name, String(value));
        }
        return next;
      },
      { replace },
    );
  return [parameters, change];
}

/** A page number in the address; 1 without one. */
export const pageIn = (parameters: URLSearchParams): number =>
  Math.max(1, Math.trunc(Number(parameters.get('page'))) || 1);
