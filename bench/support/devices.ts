/** Names of devices by number; longer numbers sort later. */
export const deviceName = (number: number): string => `device-${String(number).padStart(7, '0')}`;

/** Milliseconds since 1970 with fractions, the same in all processes of a machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
