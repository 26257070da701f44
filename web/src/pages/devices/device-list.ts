import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { isDeviceName } from '../../../../src/contract/names.ts';
import { useAnswer } from '../../api/hooks.ts';
import { pageOfBegun } from './begun-devices.ts';
import { PAGE_SIZE, plainRequest } from './device-request.ts';
import type { DeviceStatus } from './device-status.ts';
import { type ListedDevice, listed, statusRequest } from './every-device.ts';
import type { Sought } from './sought.ts';

/** The most names that are looked for at a time. */
export const MOST_NAMES = 100;

/** Which devices are wanted. */
export interface Wanted {
  readonly productKey: string;
  readonly status: DeviceStatus | undefined;
  readonly sought: Sought;
  readonly page: number;
  /** Rows of a page; of whole names all are on one. */
  readonly size?: number;
  /** Of the page before, where the list is read on beyond its depth. */
  readonly token?: string | undefined;
}

export interface DevicePage {
  readonly devices: readonly ListedDevice[];
  readonly total: number;
  /** Leads to the next page; undefined where page numbers do. */
  readonly nextToken?: string | undefined;
  /** The product has too many devices to look at their nicknames. */
  readonly withoutNicknames?: boolean;
}

/** Those that can be names, as many as are looked for at a time. */
const lookedFor = (sought: Sought): string[] =>
  sought.kind === 'names' ? sought.names.filter(isDeviceName).slice(0, MOST_NAMES) : [];

/** A page of devices: all, by status, by how names begin or by whole names, each by the action that has them. */
export function useDevicePage({ productKey, status, sought, page, size = PAGE_SIZE, token }: Wanted) {
  const options = { every: 15_000, keepLast: true };
  const way = productKey === '' ? 'none' : sought.kind !== 'all' ? sought.kind : status ? 'status' : 'all';
  const names = lookedFor(sought);
  // names that none can have find none
  const none = way === 'names' && names.length === 0;
  const all = useAnswer('QueryDevice', plainRequest(productKey, page, token, size), {
    ...options,
    when: way === 'all',
  });
  const byStatus = useAnswer('QueryDeviceByStatus', statusRequest(productKey, status ?? 'ONLINE', page, size), {
    ...options,
    when: way === 'status',
  });
  const byName = useAnswer(
    'BatchQueryDeviceDetail',
    { ProductKey: productKey, DeviceName: names },
    { ...options, when: way === 'names' && !none },
  );
  const text = sought.kind === 'begun' ? sought.text : '';
  const begun = useQuery({
    queryKey: ['QueryDeviceBySQL', { ProductKey: productKey, status, text, page, size }],
    queryFn: ({ signal }) => pageOfBegun({ productKey, status, text }, { page, size }, signal),
    enabled: way === 'begun',
    refetchInterval: options.every,
    placeholderData: keepPreviousData,
  });
  const answer = { none: all, all, status: byStatus, names: byName, begun }[way];
  let data: DevicePage | undefined;
  if (way === 'all' && all.data)
    data = {
      devices: all.data.Data.DeviceInfo.map(listed),
      total: all.data.Total,
      nextToken: all.data.NextToken || undefined,
    };
  if (way === 'status' && byStatus.data)
    data = { devices: byStatus.data.Data.SimpleDeviceInfo.map(listed), total: byStatus.data.Total };
  if (way === 'begun') data = begun.data;
  if (none) data = { devices: [], total: 0 };
  else if (way === 'names' && byName.data) {
    const found = byName.data.Data.Data.map(listed).filter((device) => !status || device.status === status);
    data = { devices: found, total: found.length };
  }
  return {
    data,
    error: none ? null : answer.error,
    isStale: !none && answer.isPlaceholderData,
    retry: () => void answer.refetch(),
  };
}
