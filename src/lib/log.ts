/** The part of a structured logger that the rooms use; pino fits. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** For tests and library use. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
