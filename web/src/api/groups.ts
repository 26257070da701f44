import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type AnswerOf, callAction } from './client.ts';
import { everyPage, LARGEST_PAGE } from './every-page.ts';

export type ListedGroup = AnswerOf<'QueryDeviceGroupList'>['Data']['GroupInfo'][number];

/** All groups of a kind, newest first, for a page that lets one choose among them. */
export function useGroups(type: 'LINK_PLATFORM' | 'LINK_PLATFORM_DYNAMIC'): UseQueryResult<readonly ListedGroup[]> {
  return useQuery({
    queryKey: ['QueryDeviceGroupList', 'all', type],
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      everyPage(async (page) => {
        const request = { CurrentPage: page, PageSize: LARGEST_PAGE, GroupTypes: [type] };
        const { Data, PageCount } = await callAction('QueryDeviceGroupList', request, signal);
        return { rows: Data.GroupInfo, pages: PageCount };
      }),
  });
}
