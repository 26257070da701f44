import { type AnswerOf, callAction } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { PAGE_SIZE, plainRequest } from './device-request.ts';
import { type DeviceStatus, statusNumbers } from './device-status.ts';

/** Largest page × size of QueryDevice that every server shows without the token of the page before (openapi-devices 3). */
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
  /** Only devices of these names. */
  readonly names: readonly string[];
  readonly page: number;
  /** Of the page before, where the list is read on beyond its depth. */
  readonly token: string | undefined;
}

export interface DevicePage {
  readonly devices: readonly ListedDevice[];
  readonly total: number;
  /** Leads to the next page; undefined where page numbers do. */
  readonly nextToken: string | undefined;
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

const statusRequest = (productKey: string, status: DeviceStatus, page: number) => ({
  ProductKey: productKey,
  Status: statusNumbers[status],
  CurrentPage: page,
  PageSize: PAGE_SIZE,
});

/** A page of devices: by name, by status, or all, each by the action that has them. */
export function useDevicePage({ productKey, status, names, page, token }: Wanted) {
  const options = { every: 15_000, keepLast: true };
  const way = productKey === '' ? 'none' : names.length > 0 ? 'names' : status ? 'status' : 'all';
  const all = useAnswer('QueryDevice', plainRequest(productKey, page, token), { ...options, when: way === 'all' });
  const byStatus = useAnswer('QueryDeviceByStatus', statusRequest(productKey, status ?? 'ONLINE', page), {
    ...options,
    when: way === 'status',
  });
  const byName = useAnswer(
    'BatchQueryDeviceDetail',
    { ProductKey: productKey, DeviceName: [...names] },
    { ...options, when: way === 'names' },
  );
  const answer = way === 'names' ? byName : way === 'status' ? byStatus : all;
  let data: DevicePage | undefined;
  if (way === 'all' && all.data)
    data = {
      devices: all.data.Data.DeviceInfo.map(listed),
      total: all.data.Total,
      nextToken: all.data.NextToken || undefined,
    };
  if (way === 'status' && byStatus.data)
    data = {
      devices: byStatus.data.Data.SimpleDeviceInfo.map(listed),
      total: byStatus.data.Total,
      nextToken: undefined,
    };
  if (way === 'names' && byName.data) {
    const found = byName.data.Data.Data.map(listed).filter((device) => !status || device.status === status);
    data = { devices: found, total: found.length, nextToken: undefined };
  }
  return {
    data,
    error: answer.error,
    isStale: answer.isPlaceholderData,
    retry: () => void answer.refetch(),
  };
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
