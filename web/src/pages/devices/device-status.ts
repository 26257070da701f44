import { type DeviceStatus, deviceStatuses as statusesByNumber } from '../../../../src/contract/device-status.ts';

export type { DeviceStatus };

/** In the order in which pages show them. */
export const deviceStatuses = ['ONLINE', 'OFFLINE', 'UNACTIVE', 'DISABLE'] as const satisfies readonly DeviceStatus[];

/** As QueryDeviceByStatus asks for them. */
export const statusNumbers = Object.fromEntries(
  Object.entries(statusesByNumber).map(([number, status]) => [status, Number(number)]),
) as Readonly<Record<DeviceStatus, number>>;

export const isDeviceStatus = (text: string | null): text is DeviceStatus =>
  (deviceStatuses as readonly (string | null)[]).includes(text);

/** ISO 8601 of a time that the API tells in China time without saying so, `2018-08-06 10:47:50`; undefined when it never was. */
export const chinaTime = (text: string | undefined): string | undefined =>
  text ? `${text.replace(' ', 'T')}+08:00` : undefined;
