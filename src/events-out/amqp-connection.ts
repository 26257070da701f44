import rhea, { type Connection, type Delivery, type EventContext, type Sender } from 'rhea';
import type {
  ConsumerConnection,
  ConsumerMessage,
  ConsumerRef,
  ConsumerServices,
} from '../domain/consumer-services.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { amqpMessageId } from '../wire/amqp-message.ts';
import { MinuteCount } from './amqp-rate.ts';
import { type GuardedSocket, MAX_CHANNEL, MAX_FRAME_BYTES } from './amqp-socket.ts';

/** What a peer gets to log in, and then to attach its link (storage-and-events 3.1). */
const OPEN_MS = 15_000;
/** What a peer gets to answer a close. */
const CLOSE_MS = 2_000;
const SHORTEST_IDLE_MS = 30_000;
const LONGEST_IDLE_MS = 300_000;
/** What we tell the peer; the vendor's server tells the same. */
const IDLE_MS = 60_000;
/** AMQP 1.0, 2.7.1. */
const SMALLEST_FRAME = 512;
/** Sessions and links that a peer may open in all; one of each is what it needs. */
const MOST_ENDPOINTS = 16;
/** Messages under way on a connection, whatever credit it gives; rhea has room for 2,048. */
const MOST_IN_FLIGHT = 1_000;
/** A peer that does not read gets no more than this into our memory. */
const MOST_UNSENT_BYTES = 1_048_576;

export interface ConnectionDeps {
  readonly services: ConsumerServices;
  readonly clock: Clock;
  readonly log: Log;
  /** May one more consumer of this group connect? */
  mayConnect(consumer: string): Promise<boolean>;
  /** A connection has its link and waits for messages, or has room for more. Resolves when it has got what there is. */
  ready(connection: AmqpConnection): Promise<void>;
  /** What came of a message that was sent. */
  settled(connection: AmqpConnection, message: ConsumerMessage, accepted: boolean): void;
  /** It no longer takes messages. */
  gone(connection: AmqpConnection): void;
  closed(connection: AmqpConnection): void;
  /** Work that goes on by itself; the listener ends after it. */
  track(work: Promise<void>): void;
}

interface InFlight {
  readonly message: ConsumerMessage;
  readonly sentAt: number;
}

/** Credit that is left beside what rhea has not written yet; it counts down when it writes. */
function creditOf(sender: Sender): number {
  const { credit, session } = sender as unknown as {
    readonly credit: number;
    readonly session: { readonly outgoing: { next_delivery_id: number; next_pending_delivery: number } };
  };
  return credit - (session.outgoing.next_delivery_id - session.outgoing.next_pending_delivery);
}

/** One consumer: from the login over its one link to the end of the socket (storage-and-events 3.1, 3.4). */
export class AmqpConnection {
  readonly id: string;
  readonly #deps: ConnectionDeps;
  readonly #socket: GuardedSocket;
  readonly #address: string;
  readonly #rhea: Connection;
  readonly #inFlight = new Map<Delivery, InFlight>();
  readonly #fresh = new MinuteCount();
  readonly #backlog = new MinuteCount();
  #deadline: Disposable;
  #tried = false;
  #consumer: ConsumerRef | undefined;
  #sender: Sender | undefined;
  #joined = false;
  #endpoints = 0;
  #closing = false;
  #closed = false;

  /** @param address of the peer, with its port */
  constructor(deps: ConnectionDeps, socket: GuardedSocket, id: string, address: string) {
    this.#deps = deps;
    this.#socket = socket;
    this.id = id;
    this.#address = address;
    this.#deadline = deps.clock.after(OPEN_MS, () => this.#drop('no login in time'));
    // a container of its own, because the callback of SASL is not told whose connection it is about
    const container = rhea.create_container({ id: 'otaru' });
    container.sasl_server_mechanisms.enable_plain((user: unknown, password: unknown) => this.#login(user, password));
    this.#rhea = container.create_connection({
      container_id: 'otaru',
      idle_time_out: IDLE_MS,
      max_frame_size: MAX_FRAME_BYTES,
      channel_max: MAX_CHANNEL,
      sender_options: { treat_modified_as_released: false } as object,
      receiver_options: { credit_window: 0, autoaccept: false },
    } as Parameters<typeof container.create_connection>[0]);
    this.#listen();
    this.#rhea['accept'](socket);
    socket.once('end', () => this.#ended());
  }

  #listen(): void {
    const on = (event: string, handle: (context: EventContext) => void) => this.#rhea.on(event, handle);
    on('connection_open', () => this.#opened());
    on('session_open', () => this.#countEndpoint());
    on('receiver_open', ({ receiver }) => {
      this.#countEndpoint();
      receiver?.close({ condition: 'amqp:not-allowed', description: 'messages are not taken' });
    });
    on('sender_open', ({ sender }) => sender && this.#attached(sender));
    on('sender_close', ({ sender }) => sender === this.#sender && this.#detached());
    on('session_close', () => this.#sender?.is_closed() && this.#detached());
    // peers of proton attach and give credit at once: a transfer from within would come before our attach (3.4)
    on('sendable', () => setImmediate(() => this.#joined && void this.#deps.ready(this)));
    on('sender_draining', ({ sender }) => sender && setImmediate(() => this.#deps.track(this.#drain(sender))));
    on('accepted', ({ delivery }) => this.#outcome(delivery, true));
    for (const outcome of ['released', 'rejected', 'modified', 'settled']) {
      on(outcome, ({ delivery }) => this.#outcome(delivery, false));
    }
    // a peer that breaks the protocol is ended by rhea; that it did is nobody's fault here
    for (const fault of ['protocol_error', 'error']) {
      on(fault, (error) => this.#drop(`broke the protocol: ${String(error)}`));
    }
    for (const heard of ['connection_close', 'connection_error', 'disconnected', 'session_error', 'sender_error']) {
      on(heard, () => {});
    }
    for (const heard of ['receiver_close', 'receiver_error']) on(heard, () => {});
  }

  async #login(user: unknown, password: unknown): Promise<boolean> {
    // a second try on a connection is somebody who guesses
    if (this.#tried || this.#closed) return this.#refuse('another login');
    this.#tried = true;
    this.#socket.hold();
    try {
      const login = await this.#deps.services.login(String(user ?? ''), String(password ?? ''));
      if (!login.ok) return this.#refuse(login.detail);
      if (!(await this.#deps.mayConnect(login.consumer.consumer)))
        return this.#refuse('too many connections within a minute');
      this.#consumer = login.consumer;
      this.#expectLink();
    } catch (err) {
      this.#deps.log.error({ err }, 'a consumer could not be logged in');
      this.#refuse('the login failed');
      throw err;
    } finally {
      // rhea tells the outcome first
      setImmediate(() => this.#socket.release());
    }
    return true;
  }

  /** The outcome reaches the peer before the end does. */
  #refuse(detail: string): false {
    this.#deps.log.info({ address: this.#address, detail }, 'a consumer was refused');
    setImmediate(() => this.#socket.end());
    this.#closeInTime();
    return false;
  }

  #expectLink(): void {
    this.#deadline[Symbol.dispose]();
    this.#deadline = this.#deps.clock.after(OPEN_MS, () => this.close('amqp:not-allowed', 'no link in time'));
  }

  #opened(): void {
    // null where the peer says nothing
    const idle = this.#rhea.idle_time_out ?? 0;
    const frame = this.#rhea.max_frame_size ?? MAX_FRAME_BYTES;
    if (!(idle >= SHORTEST_IDLE_MS && idle <= LONGEST_IDLE_MS)) {
      this.close('amqp:not-allowed', 'idle-time-out must be 30000 to 300000');
    } else if (frame < SMALLEST_FRAME) {
      // rhea would cut a message into pieces of no bytes, for ever
      this.close('amqp:not-allowed', 'max-frame-size must be at least 512');
    }
  }

  #countEndpoint(): void {
    this.#endpoints += 1;
    if (this.#endpoints > MOST_ENDPOINTS) this.#drop('too many sessions and links');
  }

  /** One link only, whatever address it names (3.1). */
  #attached(sender: Sender): void {
    this.#countEndpoint();
    if (this.#sender || this.#closing) {
      sender.close({ condition: 'amqp:not-allowed', description: 'one link only' });
      return;
    }
    this.#sender = sender;
    sender.set_source({ address: sender.source?.address || 'default' });
    this.#deps.track(this.#join());
  }

  async #join(): Promise<void> {
    const { services, log } = this.#deps;
    try {
      const joined = await services.join(this.describe());
      if (!joined) return this.close('amqp:resource-limit-exceeded', 'the consumer group has too many consumers');
    } catch (err) {
      log.error({ err }, 'a consumer could not join its group');
      return this.close('amqp:internal-error', 'try again');
    }
    // it may have gone meanwhile
    if (this.#closed || !this.#sender) return this.#leave();
    this.#deadline[Symbol.dispose]();
    this.#joined = true;
    log.info({ address: this.#address, ...this.#consumer }, 'a consumer is connected');
    void this.#deps.ready(this);
  }

  /** The peer takes back the credit that is left when it has got what there is. */
  async #drain(sender: Sender): Promise<void> {
    if (this.#joined) await this.#deps.ready(this);
    sender.set_drained(true);
    // rhea writes it with whatever comes next only
    this.#rhea['_register']();
  }

  #detached(): void {
    this.#stopSending();
    if (!this.#closing) this.#expectLink();
  }

  #stopSending(): void {
    if (!this.#sender) return;
    this.#sender = undefined;
    for (const { message } of this.#inFlight.values()) this.#deps.settled(this, message, false);
    this.#inFlight.clear();
    if (!this.#joined) return;
    this.#joined = false;
    this.#deps.gone(this);
    this.#deps.track(this.#leave());
  }

  async #leave(): Promise<void> {
    // rows of a connection that nobody holds are swept when the node is gone, at the latest
    await this.#deps.services
      .leave([this.id])
      .catch((err) => this.#deps.log.warn({ err }, 'the end of a consumer could not be recorded'));
  }

  /** How many messages it can be sent now. */
  get room(): number {
    if (!this.#joined || this.#closing || !this.#sender?.sendable()) return 0;
    if (this.#socket.unsentBytes > MOST_UNSENT_BYTES) return 0;
    return Math.max(0, Math.min(creditOf(this.#sender), MOST_IN_FLIGHT - this.#inFlight.size));
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get consumer(): string {
    return this.#consumer?.consumer ?? '';
  }

  describe(): ConsumerConnection {
    const { consumer = '', accessKeyId = '', clientId = '' } = this.#consumer ?? {};
    const counts = { fresh: this.#fresh.total, backlog: this.#backlog.total };
    return { consumer, accessKeyId, clientId, connectionId: this.id, address: this.#address, ...counts };
  }

  /** @returns false when it is not there any more to be sent anything */
  send(message: ConsumerMessage): boolean {
    if (!this.#sender || this.room === 0) return false;
    const id = amqpMessageId(message.eventId);
    const { wrap_long, wrap_int } = rhea.types;
    const delivery = this.#sender.send({
      message_id: id,
      application_properties: {
        topic: message.topic,
        messageId: id,
        generateTime: wrap_long(message.createdAt),
        qos: wrap_int(1),
      },
      // a value section with a string breaks the vendor's samples (3.2)
      body: rhea.message.data_section(Buffer.from(message.payload)),
    });
    this.#inFlight.set(delivery, { message, sentAt: this.#deps.clock.now() });
    return true;
  }

  #outcome(delivery: Delivery | undefined, accepted: boolean): void {
    const sent = delivery && this.#inFlight.get(delivery);
    if (!sent) return;
    // a peer in settle mode `second` waits for us to settle; one in `first` has settled
    if (!delivery.remote_settled) delivery.update(true);
    this.#finish(delivery, sent, accepted);
  }

  #finish(delivery: Delivery, sent: InFlight, accepted: boolean): void {
    this.#inFlight.delete(delivery);
    if (accepted) (sent.message.backlog ? this.#backlog : this.#fresh).add();
    this.#deps.settled(this, sent.message, accepted);
    if (this.#joined) void this.#deps.ready(this);
  }

  /** Gives up on messages that were sent before a time and not acknowledged since. */
  expire(before: number): void {
    for (const [delivery, sent] of this.#inFlight) {
      if (sent.sentAt > before) return;
      // settled by us: what the peer says of it later is about nothing, and rhea has to make room for others
      delivery.update(true);
      (delivery as { remote_settled: boolean }).remote_settled = true;
      this.#finish(delivery, sent, false);
    }
  }

  /** To be called once every {@link MinuteCount.SLOT_MS}. */
  roll(): void {
    this.#fresh.roll();
    this.#backlog.roll();
  }

  /** Tells the peer and ends. */
  close(condition: string, description: string): void {
    if (this.#closing || this.#closed) return;
    this.#deps.log.info({ address: this.#address, description }, 'a consumer is being closed');
    this.#rhea.close({ condition, description });
    this.#stopSending();
    this.#closeInTime();
  }

  #closeInTime(): void {
    this.#closing = true;
    this.#deadline[Symbol.dispose]();
    this.#deadline = this.#deps.clock.after(CLOSE_MS, () => this.#socket.destroy());
  }

  #drop(why: string): void {
    if (!this.#closed) this.#deps.log.info({ address: this.#address, why }, 'a consumer was dropped');
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deadline[Symbol.dispose]();
    this.#stopSending();
    this.#deps.closed(this);
  }
}
