import type { Packet } from 'mqtt-packet';
import type { Ending } from './endings.ts';

/** Reason codes of 5.0. */
export const NOT_AUTHORIZED = 0x87;
export const PAYLOAD_FORMAT_INVALID = 0x99;
/** In SUBACK of 3.1.1. */
export const REFUSED_FILTER = 0x80;

/** What is wrong with a packet beyond what the codec sees; the codec lets a missing message id pass as -1. */
export function faultOf(packet: Packet): Ending | undefined {
  const lacksId = (packet.messageId ?? 0) < 1;
  switch (packet.cmd) {
    case 'publish':
      if (packet.qos === 2) return 'qosNotSupported';
      // none was granted, so any is invalid (MQTT 5 3.3.2.3.4)
      if (packet.properties?.topicAlias !== undefined) return 'topicAlias';
      return packet.topic === '' || (packet.qos === 1 && lacksId) ? 'malformed' : undefined;
    case 'subscribe':
      return lacksId || packet.subscriptions.length === 0 ? 'malformed' : undefined;
    case 'unsubscribe':
      return lacksId || packet.unsubscriptions.length === 0 ? 'malformed' : undefined;
    case 'puback':
    case 'pingreq':
    case 'disconnect':
      return undefined;
    default:
      return 'protocolError';
  }
}
