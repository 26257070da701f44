/** Resolves in the next turn of the event loop: what waits has its chance in the middle of long work. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
