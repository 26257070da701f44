import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { isDeviceName } from '../../../../src/contract/names.ts';
import { type AnswerOf, callAction } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { pageOfBegun } from './begun-devices.ts';
import { PAGE_SIZE, plainRequest } from './device-request.ts';
import { type DeviceStatus, statusNumbers } from './device-status.ts';
import type { Begun, Sought } from './sought.ts';

/**
 * Largest page × size of QueryDevice that every server shows without the token of the page before (openapi-devices 3), and
 * the furthest that a search reaches.
 */
export const DEPTH = 10_000;
/** The most names that are looked for at a time. */
export const MOST_NAMES = 100;

/** A device in a list, whatever action told of it. */
export interface ListedDevice {
  readonly productKey: string;
  readonly name: string;
  readonly nickname: string;
  readonly status: string;
  readonly iotId: string;
  readonly secret: string;
  readonly createdAt: string;
}

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

type Plain = AnswerOf<'QueryDevice'>['Data']['DeviceInfo'][number];
type Simple = AnswerOf<'QueryDeviceByStatus'>['Data']['SimpleDeviceInfo'][number];
type Detail = AnswerOf<'BatchQueryDeviceDetail'>['Data']['Data'][number];

const listed = (device: Plain | Simple | Detail): ListedDevice => ({
  productKey: device.ProductKey,
  name: device.DeviceName,
  nickname: device.Nickname,
  status: 'DeviceStatus' in device ? device.DeviceStatus : device.Status,
  iotId: device.IotId,
  secret: device.DeviceSecret,
  createdAt: device.UtcCreate,
});

const statusRequest = (productKey: string, status: DeviceStatus, page: number, size = PAGE_SIZE) => ({
  ProductKey: productKey,
  Status: statusNumbers[status],
  CurrentPage: page,
  PageSize: size,
});

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

/** Every device whose name or nickname begins so, page after page. @param secrets whether they are told, too */
export async function* everyBegun(
  begun: Begun,
  { total, secrets }: { readonly total: number; readonly secrets: boolean },
  signal: AbortSignal,
): AsyncGenerator<readonly ListedDevice[]> {
  // a search does not reach further; every device is looked at then
  if (total > DEPTH) {
    const begins = (of: string) => of.startsWith(begun.text);
    for await (const { devices } of everyDevice(begun, signal))
      yield devices.filter(({ name, nickname }) => begins(name) || begins(nickname));
    return;
  }
  for (let page = 1; (page - 1) * PAGE_SIZE < total; page += 1) {
    const { devices } = await pageOfBegun(begun, { page, size: PAGE_SIZE }, signal);
    if (devices.length === 0) return;
    if (!secrets) yield devices;
    else {
      const request = { ProductKey: begun.productKey, DeviceName: devices.map(({ name }) => name) };
      yield (await callAction('BatchQueryDeviceDetail', request, signal)).Data.Data.map(listed);
    }
  }
}

/** Every device of a product, or those in a status, page after page. */
export async function* everyDevice(
  { productKey, status }: Pick<Wanted, 'productKey' | 'status'>,
  signal: AbortSignal,
): AsyncGenerator<{ readonly devices: readonly ListedDevice[]; readonly total: number }> {
  let token: string | undefined;
  for (let page = 1; ; page += 1) {
    if (status) {
      const answer = await callAction('QueryDeviceByStatus', statusRequest(productKey, status, page), signal);
      yield { devices: answer.Data.SimpleDeviceInfo.map(listed), total: answer.Total };
      if (page >= answer.PageCount) return;
    } else {
      const answer = await callAction('QueryDevice', plainRequest(productKey, 1, token), signal);
      yield { devices: answer.Data.DeviceInfo.map(listed), total: answer.Total };
      token = answer.NextToken || undefined;
      if (!token) return;
    }
  }
}
