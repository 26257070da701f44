import type { StatusReason } from '../contract/status-reasons.ts';

/**
 * Why the gateway closes a connection, with the reason code that an MQTT 5 device is told (MQTT 5 3.14.2.1).
 * Older versions have no such packet: they see the TCP connection close (device-protocol 1.6).
 */
export const endings = {
  unacknowledged: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  reportFailed: 0x83,
  shuttingDown: 0x8b,
  silent: 0x8d,
  takenOver: 0x8e,
  topicAlias: 0x94,
  packetTooLarge: 0x95,
  tooSlow: 0x97,
  kicked: 0x98,
  registered: 0x98,
  qosNotSupported: 0x9b,
} as const;

export type Ending = keyof typeof endings;

const reasons: Readonly<Partial<Record<Ending, StatusReason>>> = {
  reportFailed: 'SERVER_ERROR',
  shuttingDown: 'SHUTDOWN',
  silent: 'SILENT',
  takenOver: 'TAKEN_OVER',
  kicked: 'KICKED',
};

/** What the history of a device says of it. */
export const reasonOf = (ending: Ending): StatusReason => reasons[ending] ?? 'FAULT';
