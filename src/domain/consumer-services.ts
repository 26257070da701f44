/** A consumer of a group as the listener knows it after login. */
export interface ConsumerRef {
  /** Its group, by the name that routes and deliveries know it by. */
  readonly consumer: string;
  readonly accessKeyId: string;
  /** What it calls itself. */
  readonly clientId: string;
}

export type ConsumerLogin =
  | { readonly ok: true; readonly consumer: ConsumerRef }
  /** `detail` is for the log only. */
  | { readonly ok: false; readonly detail: string };

/** A connection of a consumer, with what was counted of it. */
export interface ConsumerConnection extends ConsumerRef {
  readonly connectionId: string;
  /** Address and port of the peer. */
  readonly address: string;
  /** Messages acknowledged within the last minute: those never tried before, and the others. */
  readonly fresh: number;
  readonly backlog: number;
}

/** A message that a consumer group is to get, claimed for its connections on this node. */
export interface ConsumerMessage {
  readonly eventId: string;
  readonly topic: string;
  /** JSON. */
  readonly payload: string;
  readonly createdAt: number;
  /** Whether it was tried before, or has waited for a while. */
  readonly backlog: boolean;
}

/** What came of messages, by event. */
export interface ConsumerOutcome {
  /** Acknowledged: never to be sent again. */
  readonly accepted: readonly string[];
  /** To be tried again a minute later. */
  readonly failed: readonly string[];
  /** Claimed, but nobody was there any more to be sent them. */
  readonly unsent: readonly string[];
}

/** What a listener for consumers of events needs from the rules. Every promise resolves after the commit. */
export interface ConsumerServices {
  login(userName: string, password: string): Promise<ConsumerLogin>;
  /** Records a connection. @returns false when the group has as many as it may have */
  join(connection: ConsumerConnection): Promise<boolean>;
  leave(connectionIds: readonly string[]): Promise<void>;
  /** Takes up to `limit` messages that a group is to get now; who settles none of them in time loses them. */
  claim(consumer: string, limit: number): Promise<ConsumerMessage[]>;
  settle(consumer: string, outcome: ConsumerOutcome): Promise<void>;
  /** Writes what was counted of connections. @returns ids of those that have lost their right to be there */
  refresh(connections: readonly ConsumerConnection[]): Promise<string[]>;
}
