/** The status of a device that may not connect. */
export const DISABLED = 8;
