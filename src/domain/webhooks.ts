import type { Tx } from '../store/engine.ts';
import { deleteRoutes, insertRoutes } from '../store/queries/events.ts';
import { findProduct, lockInstance } from '../store/queries/products.ts';
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  switchWebhookOff,
  updateWebhook,
  type WebhookRow,
} from '../store/queries/webhooks.ts';
import { type EventType, eventTypes } from '../wire/event-messages.ts';
import { type WebhookMessage, webhookBody, webhookSecret } from '../wire/standard-webhooks.ts';
import type { Deps, Scope } from './deps.ts';
import { forgetAllEvents, webhookConsumer } from './event-deliveries.ts';

/** Endpoints of an instance. */
const MOST_WEBHOOKS = 50;
const LONGEST_URL = 2_000;
/** Random letters and digits in a secret: 256 bits. */
const SECRET_LENGTH = 43;
/** How long a replaced secret signs beside the new one, unless told otherwise. */
export const OLD_SECRET_MS = 24 * 3_600_000;

/** Types of events that `patterns` name; a pattern is a type, a family of types (`ota.task.*`) or `*`. */
export function matchingTypes(patterns: readonly string[]): EventType[] {
  return eventTypes.filter((type) =>
    patterns.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern)),
  );
}

function checkPattern(pattern: string): void {
  if (!/^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$/.test(pattern) || matchingTypes([pattern]).length === 0) {
    throw new Error(
      `There is no event type ${pattern}. Name types (${eventTypes.join(', ')}), families (ota.task.*) or * for all.`,
    );
  }
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error(`The URL must begin with https:// or http://, not "${text}".`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error('The URL may hold no user name and no password: deliveries are signed instead.');
  }
  if (text.length > LONGEST_URL) throw new Error(`The URL may have at most ${LONGEST_URL} characters.`);
}

export interface NewWebhook {
  readonly url: string;
  /** Types, families or `*`. */
  readonly types: readonly string[];
  /** Product keys; none means all products of the instance. */
  readonly products: readonly string[];
  readonly description: string;
}

/** An endpoint with its secret, which is told only when it is made. */
export interface WebhookSecret {
  readonly webhookId: string;
  readonly secret: string;
}

const newSecret = ({ ids }: Pick<Deps, 'ids'>) => webhookSecret(Buffer.from(ids.text(SECRET_LENGTH)));

/** Has an endpoint be told of the events of its filter from now on. @throws Error with a sentence for the operator */
export async function addWebhook(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>,
  { instanceId }: Scope,
  { url, types, products, description }: NewWebhook,
): Promise<WebhookSecret> {
  checkUrl(url);
  for (const pattern of types) checkPattern(pattern);
  if (types.length === 0) throw new Error('Name at least one event type.');
  const secret = newSecret(deps);
  const now = deps.clock.now();
  const row: WebhookRow = {
    id: deps.ids.id(),
    instance_id: instanceId,
    url,
    description,
    types: [...new Set(types)],
    products: [...new Set(products)],
    secret: deps.vault.seal(secret),
    old_secret: null,
    old_secret_until: null,
    disabled_at: null,
    disabled_why: null,
    failing_since: null,
    hold_until: 0,
    created_at: now,
    modified_at: now,
  };
  await deps.engine.transaction(async (tx) => {
    await lockInstance(tx, instanceId);
    if ((await countWebhooks(tx.db, instanceId)) >= MOST_WEBHOOKS) {
      throw new Error(`An instance has at most ${MOST_WEBHOOKS} webhooks.`);
    }
    for (const key of row.products) {
      if (!(await findProduct(tx.db, instanceId, key))) throw new Error(`The instance has no product ${key}.`);
    }
    await insertWebhook(tx.db, row);
    tx.made(row.id);
    await addRoutes(tx, row);
  });
  return { webhookId: row.id, secret };
}

async function addRoutes(tx: Tx, { id, instance_id, types, products }: WebhookRow): Promise<void> {
  const keys = products.length === 0 ? [''] : products;
  const routes = matchingTypes(types).flatMap((type) =>
    keys.map((product_key) => ({ instance_id, product_key, type, consumer: webhookConsumer(id) })),
  );
  await insertRoutes(tx.db, routes);
}

/** Families of types grow with later versions: adds the routes that endpoints made by an earlier one lack. */
export async function completeRoutes({ engine }: Pick<Deps, 'engine'>): Promise<void> {
  for (const { id } of await listWebhooks(engine.read)) {
    await engine.transaction(async (tx) => {
      const webhook = await findWebhook(tx.db, id);
      if (webhook && webhook.disabled_at === null) await addRoutes(tx, webhook);
    });
  }
}

/** Forgets an endpoint with all that it has still to be told. @returns false when there is none */
export async function removeWebhook(deps: Pick<Deps, 'engine'>, id: string): Promise<boolean> {
  const removed = await deps.engine.transaction(async (tx) => {
    await deleteRoutes(tx.db, webhookConsumer(id));
    return deleteWebhook(tx.db, id);
  });
  if (removed) await forgetAllEvents(deps, webhookConsumer(id));
  return removed;
}

/** Switches an endpoint on; what waited since it was switched off is sent. @returns false when there is none */
export async function enableWebhook({ engine, clock }: Pick<Deps, 'engine' | 'clock'>, id: string): Promise<boolean> {
  return engine.transaction(async (tx) => {
    const on = { disabled_at: null, disabled_why: null, failing_since: null, hold_until: 0, modified_at: clock.now() };
    if (!(await updateWebhook(tx.db, id, on))) return false;
    const webhook = await findWebhook(tx.db, id);
    if (webhook) await addRoutes(tx, webhook);
    tx.nudge({ kind: 'event', consumers: [webhookConsumer(id)] });
    return true;
  });
}

/**
 * Switches an endpoint off: nothing is sent to it, and events that happen meanwhile are not kept for it.
 * @returns false when there is none
 */
export async function disableWebhook({ engine, clock }: Pick<Deps, 'engine' | 'clock'>, id: string): Promise<boolean> {
  return engine.transaction(async (tx) => {
    if (!(await findWebhook(tx.db, id))) return false;
    await switchOff(tx, id, clock.now(), 'switched off by the operator');
    return true;
  });
}

/** @returns false when it was off already */
export async function switchOff(tx: Tx, id: string, now: number, why: string): Promise<boolean> {
  const changed = await switchWebhookOff(tx.db, id, now, why);
  if (changed) await deleteRoutes(tx.db, webhookConsumer(id));
  return changed;
}

/**
 * Gives an endpoint a new secret. The one before it signs, too, for `oldForMs`, so that the receiver can change over.
 * @returns undefined when there is no such endpoint
 */
export async function rotateWebhook(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>,
  id: string,
  oldForMs: number,
): Promise<(WebhookSecret & { readonly oldSecretUntil: number }) | undefined> {
  const secret = newSecret(deps);
  const sealed = deps.vault.seal(secret);
  const now = deps.clock.now();
  return deps.engine.transaction(async (tx) => {
    const webhook = await findWebhook(tx.db, id);
    if (!webhook) return undefined;
    const changes = { secret: sealed, old_secret: webhook.secret, old_secret_until: now + oldForMs, modified_at: now };
    await updateWebhook(tx.db, id, changes);
    return { webhookId: id, secret, oldSecretUntil: now + oldForMs };
  });
}

/** Where to send to, and what signs. */
export interface WebhookTarget {
  readonly url: string;
  readonly secrets: readonly string[];
}

export function targetOf(
  { vault, clock }: Pick<Deps, 'vault' | 'clock'>,
  { url, secret, old_secret, old_secret_until }: WebhookRow,
): WebhookTarget {
  const old = old_secret !== null && clock.now() < (old_secret_until ?? 0) ? [vault.open(old_secret)] : [];
  return { url, secrets: [vault.open(secret), ...old] };
}

/** A message that only shows that an endpoint can be reached. @returns undefined when there is no such endpoint */
export async function testMessage(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>,
  id: string,
): Promise<{ readonly target: WebhookTarget; readonly message: WebhookMessage } | undefined> {
  const webhook = await findWebhook(deps.engine.read, id);
  if (!webhook) return undefined;
  const createdAt = deps.clock.now();
  const payload = JSON.stringify({ webhookId: id, messageCreateTime: createdAt });
  const body = webhookBody({ type: 'webhook.test', topic: '/webhook/test', payload, createdAt });
  return { target: targetOf(deps, webhook), message: { id: `msg_${deps.ids.id()}`, body } };
}
