/** What the statuses of a device are called, by their numbers in requests (openapi-devices 0). */
export const deviceStatuses = { 0: 'UNACTIVE', 1: 'ONLINE', 3: 'OFFLINE', 8: 'DISABLE' } as const;

export type DeviceStatus = (typeof deviceStatuses)[keyof typeof deviceStatuses];

const texts: ReadonlyMap<number, DeviceStatus> = new Map(
  Object.entries(deviceStatuses).map(([number, text]) => [Number(number), text]),
);
const numbers: ReadonlyMap<string, number> = new Map([...texts].map(([number, text]) => [text, number]));

export const deviceStatusText = (number: number): DeviceStatus => texts.get(number) ?? 'UNACTIVE';

/** undefined for a text that is no status */
export const deviceStatusNumber = (text: string): number | undefined => numbers.get(text);
