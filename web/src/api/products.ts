import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type AnswerOf, callAction } from './client.ts';
import { everyPage, LARGEST_PAGE } from './every-page.ts';

export type ListedProduct = AnswerOf<'QueryProductList'>['Data']['List']['ProductInfo'][number];

/** All products, newest first, for a page that lets one choose among them. */
export function useProducts(when = true): UseQueryResult<readonly ListedProduct[]> {
  return useQuery({
    queryKey: ['QueryProductList', 'all'],
    enabled: when,
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      everyPage(async (page) => {
        const { Data } = await callAction('QueryProductList', { CurrentPage: page, PageSize: LARGEST_PAGE }, signal);
        return { rows: Data.List.ProductInfo, pages: Data.PageCount };
      }),
  });
}
