export const deviceStatuses = ['ONLINE', 'OFFLINE', 'UNACTIVE', 'DISABLE'] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];

/** As QueryDeviceByStatus asks for them. */
export const statusNumbers: Readonly<Record<DeviceStatus, number>> = { UNACTIVE: 0, ONLINE: 1, OFFLINE: 3, DISABLE: 8 };

export const isDeviceStatus = (text: string | null): text is DeviceStatus =>
  (deviceStatuses as readonly (string | null)[]).includes(text);

/** ISO 8601 of a time that the API tells in China time without saying so, `2018-08-06 10:47:50`; undefined when it never was. */
export const chinaTime = (text: string | undefined): string | undefined =>
  text ? `${text.replace(' ', 'T')}+08:00` : undefined;
