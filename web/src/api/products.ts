import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type AnswerOf, callAction } from './client.ts';

export type ListedProduct = AnswerOf<'QueryProductList'>['Data']['List']['ProductInfo'][number];

const PAGE_SIZE = 200;

/** All products, newest first, for a page that lets one choose among them. */
export function useProducts(when = true): UseQueryResult<readonly ListedProduct[]> {
  return useQuery({
    queryKey: ['QueryProductList', 'all'],
    enabled: when,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const products: ListedProduct[] = [];
      for (let page = 1; ; page += 1) {
        const { Data } = await callAction('QueryProductList', { CurrentPage: page, PageSize: PAGE_SIZE }, signal);
        products.push(...Data.List.ProductInfo);
        if (page >= Data.PageCount) return products;
      }
    },
  });
}
