import type { Packet } from 'mqtt-packet';
import type { Credentials } from '../wire/registration.ts';
import { encodeCredentials } from '../wire/registration.ts';
import { encode, type MqttVersion } from './codec.ts';
import { faultOf, NOT_AUTHORIZED, REFUSED_FILTER } from './faults.ts';
import { packetSize } from './outbound.ts';
import type { SessionLink } from './session.ts';

const RESULT_TOPICS: ReadonlySet<string> = new Set(['/ext/register', '/ext/regnwl']);

export interface RegistrantOptions {
  readonly version: MqttVersion;
  readonly maximumPacketSize: number;
}

/**
 * A device that has just been registered: it is told its credentials and is expected to leave (device-protocol 2.1). It
 * is nobody yet, so there is nothing else that it may say.
 */
export class Registrant {
  readonly #link: SessionLink;
  readonly #options: RegistrantOptions;

  constructor(link: SessionLink, options: RegistrantOptions) {
    this.#link = link;
    this.#options = options;
  }

  tell(credentials: Credentials): void {
    const message = encodeCredentials(credentials);
    const { version, maximumPacketSize } = this.#options;
    if (packetSize(message, 0, version) > maximumPacketSize) this.#link.end('packetTooLarge');
    else this.#write({ cmd: 'publish', ...message, qos: 0, dup: false, retain: false });
  }

  handle(packet: Packet): void {
    const fault = faultOf(packet);
    if (fault) {
      this.#link.end(fault, { packet: packet.cmd });
      return;
    }
    const messageId = packet.messageId ?? 0;
    switch (packet.cmd) {
      case 'publish':
        if (packet.qos === 1) this.#write({ cmd: 'puback', messageId, reasonCode: NOT_AUTHORIZED });
        break;
      case 'pingreq':
        this.#write({ cmd: 'pingresp' });
        break;
      case 'subscribe': {
        // no SDK has to, some do
        const refused = this.#options.version === 5 ? NOT_AUTHORIZED : REFUSED_FILTER;
        const granted = packet.subscriptions.map(({ topic, qos }) =>
          RESULT_TOPICS.has(topic) ? Math.min(qos, 1) : refused,
        );
        this.#write({ cmd: 'suback', messageId, granted });
        break;
      }
      case 'unsubscribe':
        this.#write({ cmd: 'unsuback', messageId, granted: packet.unsubscriptions.map(() => 0) });
        break;
      case 'disconnect':
        this.#link.farewell();
        break;
    }
  }

  #write(packet: Packet): void {
    this.#link.write(encode(this.#options.version, packet));
  }
}
