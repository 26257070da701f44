import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type AnswerOf, callAction } from './client.ts';
import { everyPage } from './every-page.ts';

export type ListedPackage = AnswerOf<'ListOTAFirmware'>['FirmwareInfo']['SimpleFirmwareInfo'][number];

/** The most packages that are given at a time. */
const PAGE_SIZE = 100;

/** All packages of a product, newest first, for a page that lets one choose among them. */
export function usePackages(productKey: string): UseQueryResult<readonly ListedPackage[]> {
  return useQuery({
    queryKey: ['ListOTAFirmware', 'all', productKey],
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      everyPage(async (page) => {
        const request = { ProductKey: productKey, CurrentPage: page, PageSize: PAGE_SIZE };
        const { FirmwareInfo, PageCount } = await callAction('ListOTAFirmware', request, signal);
        return { rows: FirmwareInfo.SimpleFirmwareInfo, pages: PageCount };
      }),
  });
}
