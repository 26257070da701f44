import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type ActionName, type AnswerOf, callAction, type RequestOf } from './client.ts';

interface AnswerOptions<A> {
  /**
   * Asks again after so many milliseconds while the page is looked at; by what was answered last, if it is a function.
   * Only when told to without it.
   */
  readonly every?: number | ((answer: A | undefined) => number | undefined) | undefined;
  /** False: does not ask yet. */
  readonly when?: boolean;
  /** Shows the last answer while one to other parameters is on its way, as a table does between pages. */
  readonly keepLast?: boolean;
}

/** The answer of an action that reads; the same question on several places of a page is asked once. */
export function useAnswer<N extends ActionName>(
  name: N,
  request: RequestOf<N>,
  { every, when = true, keepLast = false }: AnswerOptions<AnswerOf<N>> = {},
): UseQueryResult<AnswerOf<N>> {
  return useQuery({
    queryKey: [name, request],
    queryFn: ({ signal }) => callAction(name, request, signal),
    enabled: when,
    refetchInterval: ({ state }) =>
      (typeof every === 'function' ? every(state.data as AnswerOf<N> | undefined) : every) ?? false,
    ...(keepLast ? { placeholderData: keepPreviousData } : {}),
  }) as UseQueryResult<AnswerOf<N>>;
}

/** An action that changes something; the answers of the actions in `refreshes` are asked for anew afterwards. */
export function useChange<N extends ActionName>(
  name: N,
  refreshes: readonly ActionName[],
): UseMutationResult<AnswerOf<N>, Error, RequestOf<N>> {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (request: RequestOf<N>) => callAction(name, request),
    // also after a refusal: what the page shows was perhaps why it asked
    onSettled: () => refresh(refreshes),
  });
}

/** Asks anew for the answers of these actions that a page shows. */
export function useRefresh(): (names: readonly ActionName[]) => Promise<void> {
  const client = useQueryClient();
  return (names) =>
    client.invalidateQueries({ predicate: ({ queryKey }) => names.includes(queryKey[0] as ActionName) });
}

/** Drops what is known of a thing that was deleted: all answers to requests that name it. Call it once its page is left. */
export function useForget(): (named: Readonly<Record<string, string>>) => void {
  const client = useQueryClient();
  return (named) => {
    const parts = Object.entries(named);
    const tells = (request: unknown) =>
      parts.every(([name, value]) => (request as Readonly<Record<string, unknown>> | undefined)?.[name] === value);
    client.removeQueries({ predicate: ({ queryKey }) => tells(queryKey[1]) });
  };
}
