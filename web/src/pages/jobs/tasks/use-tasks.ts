import { useQueries, useQueryClient } from '@tanstack/react-query';
import { type AnswerOf, callAction } from '../../../api/client.ts';
import { useCalm } from '../../../lib/use-calm.ts';
import { askFor, PAGE_SIZE, type Task, type TaskFilter } from './task.ts';

const EVERY_MS = 4_000;
/** Pages that are flown over while scrolling are not asked for. */
const CALM_MS = 120;
/** Pages that were left may be returned to. */
const KEPT_MS = 30_000;

interface Tasks {
  /** As the last answer says; undefined before the first. */
  readonly total: number | undefined;
  /** undefined while it is on its way. */
  readonly at: (index: number) => Task | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/** The tasks of a filter, of which only the pages in sight are fetched, again and again while someone looks. */
export function useTasks(filter: TaskFilter, from: number, to: number): Tasks {
  const client = useQueryClient();
  const first = Math.floor(from / PAGE_SIZE) + 1;
  const last = filter.names.length > 0 ? first : Math.max(first, Math.ceil(to / PAGE_SIZE));
  const pages = useCalm(`${first}-${last}`, CALM_MS)
    .split('-')
    .map(Number)
    .flatMap((page, index, ends) => (index === 0 || page !== ends[0] ? [page] : []));
  const answers = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['ListOTATaskByJob', askFor(filter, page)],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        callAction('ListOTATaskByJob', askFor(filter, page), signal),
      refetchInterval: EVERY_MS,
      gcTime: KEPT_MS,
    })),
  });
  const newest = answers.reduce((best, answer) => (answer.dataUpdatedAt > best.dataUpdatedAt ? answer : best));
  return {
    total: newest.data?.Total,
    at(index) {
      const page = Math.floor(index / PAGE_SIZE) + 1;
      const answer = client.getQueryData<AnswerOf<'ListOTATaskByJob'>>(['ListOTATaskByJob', askFor(filter, page)]);
      return answer?.Data.SimpleOTATaskInfo[index % PAGE_SIZE];
    },
    error: answers.find(({ error }) => error)?.error,
    retry() {
      for (const answer of answers) void answer.refetch();
    },
  };
}
