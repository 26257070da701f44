import { type AnswerOf, callAction } from '../../api/client.ts';
import { pageOfBegun } from './begun-devices.ts';
import { PAGE_SIZE, plainRequest } from './device-request.ts';
import { type DeviceStatus, statusNumbers } from './device-status.ts';
import type { Begun } from './sought.ts';

/**
 * Largest page × size of QueryDevice that every server shows without the token of the page before (openapi-devices 3), and
 * the furthest that a search reaches.
 */
export const DEPTH = 10_000;

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

type Plain = AnswerOf<'QueryDevice'>['Data']['DeviceInfo'][number];
type Simple = AnswerOf<'QueryDeviceByStatus'>['Data']['SimpleDeviceInfo'][number];
type Detail = AnswerOf<'BatchQueryDeviceDetail'>['Data']['Data'][number];

/** A device as lists have it. */
export const listed = (device: Plain | Simple | Detail): ListedDevice => ({
  productKey: device.ProductKey,
  name: device.DeviceName,
  nickname: device.Nickname,
  status: 'DeviceStatus' in device ? device.DeviceStatus : device.Status,
  iotId: device.IotId,
  secret: device.DeviceSecret,
  createdAt: device.UtcCreate,
});

/** How QueryDeviceByStatus is asked for a page. */
export const statusRequest = (productKey: string, status: DeviceStatus, page: number, size = PAGE_SIZE) => ({
  ProductKey: productKey,
  Status: statusNumbers[status],
  CurrentPage: page,
  PageSize: size,
});

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
  { productKey, status }: Pick<Begun, 'productKey' | 'status'>,
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
