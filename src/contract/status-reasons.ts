/** Why the status of a device changed, as far as that is known. */
export const statusReasons = [
  /** It connected for the first time. */
  'ACTIVATED',
  /** Another connection of the device had its place until then. */
  'TAKEN_OVER',
  /** The node that has the connection had been taken for dead; the connection never ended. */
  'RECOVERED',
  /** The device said goodbye, or its gateway logged it out. */
  'CLOSED',
  /** The connection broke off. */
  'LOST',
  /** Nothing was heard for one and a half times the keep-alive. */
  'SILENT',
  /** The device was disabled or deleted. */
  'KICKED',
  /** The device broke the protocol, or did not read what it was sent. */
  'FAULT',
  /** The server could not store what the device said. */
  'SERVER_ERROR',
  /** The node was stopped. */
  'SHUTDOWN',
  /** The node died. */
  'NODE_LOST',
  /** The connection of its gateway ended. */
  'GATEWAY_LOST',
  /** It stands behind its gateway no more. */
  'UNBOUND',
  /** It may connect again. */
  'ENABLED',
] as const;

export type StatusReason = (typeof statusReasons)[number];
