/** Something that happened, for those outside who listen; written only when somebody does. */
export interface EventTable {
  id: string;
  instance_id: string;
  product_key: string;
  /** The topic that the vendor's subscriptions name, such as `/{pk}/{dn}/ota/upgrade` (storage-and-events 3.5). */
  topic: string;
  /** The dotted name that webhooks filter by, such as `ota.task.succeeded` (storage-and-events 4.3). */
  type: string;
  /** The JSON text that is sent. */
  payload: string;
  created_at: number;
}

/** Who wants to hear of which events. */
export interface EventRouteTable {
  instance_id: string;
  /** Empty for every product of the instance. */
  product_key: string;
  type: string;
  /** `webhook:` or `amqp:` and the id of the endpoint or consumer group. */
  consumer: string;
}

/** What a consumer has still to be told, or could not be. */
export interface EventDeliveryTable {
  consumer: string;
  event_id: string;
  /** dead: given up. done: told, and kept to look at. */
  state: 'due' | 'dead' | 'done';
  /** When it is to be tried next; null when never. While an attempt is under way: when that has failed for certain. */
  due_at: number | null;
  attempts: number;
  /** What came of the last attempt, for people. */
  note: string;
  modified_at: number;
}

/** An endpoint that events are sent to by HTTP. */
export interface WebhookTable {
  id: string;
  instance_id: string;
  url: string;
  description: string;
  /** JSON: names of event types, or of families of them (`ota.task.*`). Its routes are made from these. */
  types: string;
  /** JSON: keys of the products whose events are sent; empty for all of the instance. */
  products: string;
  /** Encrypted; in clear it begins with `whsec_`. */
  secret: string;
  /** The secret before this one, which signs, too, until a time. */
  old_secret: string | null;
  old_secret_until: number | null;
  /** Null while it is on. */
  disabled_at: number | null;
  disabled_why: string | null;
  /** First failure since the last success. */
  failing_since: number | null;
  /** Nothing is sent before: the receiver asked for a pause. */
  hold_until: number;
  created_at: number;
  modified_at: number;
}

/** Consumers that share the messages of their subscriptions among them. */
export interface ConsumerGroupTable {
  /** The name that `event_route` and `event_delivery` know it by: `amqp:` and the id, with the instance for the built-in one. */
  consumer: string;
  instance_id: string;
  id: string;
  name: string;
  created_at: number;
  /** When a message was last acknowledged; null when none ever was. */
  consumed_at: number | null;
}

/** What is subscribed to of a product; the rows of `event_route` follow from it. */
export interface SubscriptionTable {
  product_key: string;
  instance_id: string;
  /** JSON: names of the flags that are true. */
  flags: string;
  created_at: number;
}

export interface SubscriptionGroupTable {
  product_key: string;
  consumer: string;
}

/** A consumer that is connected, to be shown and counted. */
export interface ConsumerConnectionTable {
  id: string;
  consumer: string;
  node_id: string;
  client_id: string;
  /** Address and port of the peer. */
  address: string;
  connected_at: number;
  /** Messages acknowledged within the last minute: those never tried before, and the others. */
  fresh_count: number;
  backlog_count: number;
}
