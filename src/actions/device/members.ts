import type { ResponseOf } from '../../contract/index.ts';
import type { BadName } from '../../domain/device-applications.ts';
import type { DeviceDetail, DeviceSelector, DeviceWithSecret } from '../../domain/devices.ts';
import { chinaTimeText, utcText } from '../../wire/time.ts';

/** The three parameters that name a device. */
export const selectorOf = (request: {
  readonly IotId?: string | undefined;
  readonly ProductKey?: string | undefined;
  readonly DeviceName?: string | undefined;
}): DeviceSelector => ({ id: request.IotId, productKey: request.ProductKey, name: request.DeviceName });

/** A time in UTC, empty for what never happened. */
export const utcOf = (ms: number | null): string => (ms === null ? '' : utcText(ms));

/** A time in China time, empty for what never happened. */
export const chinaTimeOf = (ms: number | null): string => (ms === null ? '' : chinaTimeText(ms));

/** Names, alias and secret of a device. */
export const identityMembers = (device: DeviceWithSecret) => ({
  IotId: device.id,
  ProductKey: device.productKey,
  DeviceName: device.name,
  DeviceSecret: device.secret,
  Nickname: device.nickname,
});

/** What is told of a name that cannot be registered. */
export const badNameMembers = ({ name, nickname, error }: BadName) => ({
  DeviceName: name,
  NickName: nickname,
  ErrorMsg: error,
});

type Detail = ResponseOf<'BatchQueryDeviceDetail'>['Data']['Data'][number];

/** What both operations about details tell. */
export const detailMembers = (device: DeviceDetail): Detail => ({
  IotId: device.id,
  ProductKey: device.productKey,
  ProductName: device.productName,
  DeviceName: device.name,
  DeviceSecret: device.secret,
  Nickname: device.nickname,
  NodeType: device.nodeType,
  Status: device.status,
  FirmwareVersion: device.firmwareVersion,
  Region: 'cn-shanghai',
  // named Gmt, but China time (openapi-devices 0)
  GmtCreate: chinaTimeOf(device.createdAt),
  UtcCreate: utcOf(device.createdAt),
  GmtActive: chinaTimeOf(device.activeAt),
  UtcActive: utcOf(device.activeAt),
});
