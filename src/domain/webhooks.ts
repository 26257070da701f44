import { type EventType, eventTypes } from '../contract/event-types.ts';
import type { Tx } from '../store/engine.ts';
import { deleteRoutes, insertEvents, insertRoutes } from '../store/queries/events.ts';
import { findProduct, lockInstance } from '../store/queries/products.ts';
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  lockWebhook,
  switchWebhookOff,
  updateWebhook,
  type WebhookRow,
} from '../store/queries/webhooks.ts';
import { type WebhookMessage, webhookBody, webhookSecret } from '../wire/standard-webhooks.ts';
import type { Deps, Scope } from './deps.ts';
import { forgetSomeEvents, webhookConsumer } from './event-deliveries.ts';
import { fail } from './failure.ts';
import { carriable, isCarriable, isOpaqueId, isProductKey, isShortDescription } from './names.ts';

/** Endpoints of an instance. */
export const MOST_WEBHOOKS = 50;
const LONGEST_URL = 2_000;
/** Random letters and digits in a secret: 256 bits. */
const SECRET_LENGTH = 43;
const HOUR_MS = 3_600_000;
/** How long a replaced secret signs beside the new one, unless told otherwise. */
export const OLD_SECRET_MS = 24 * HOUR_MS;
const LONGEST_OLD_SECRET_MS = 720 * HOUR_MS;

/** Types of events that `patterns` name; a pattern is a type, a family of types (`ota.task.*`) or `*`. */
export function matchingTypes(patterns: readonly string[]): EventType[] {
  return eventTypes.filter((type) =>
    patterns.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern)),
  );
}

function checkFilter(types: readonly string[] | undefined, products: readonly string[] | undefined): void {
  const unknown = types?.find((pattern) => !isPattern(pattern));
  if (unknown !== undefined || types?.length === 0) {
    const said = unknown === undefined ? 'Name a type' : `There is no event type ${carriable(unknown.slice(0, 64))}`;
    const known = `Name types (${eventTypes.join(', ')}), families (ota.task.*) or * for all.`;
    fail('webhook.invalidTypes', { Detail: `${said}. ${known}` });
  }
  if (products?.some((key) => !isProductKey(key))) fail('product.notFound');
}

const isPattern = (pattern: string) =>
  /^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$/.test(pattern) && matchingTypes([pattern]).length > 0;

function checkUrl(text: string): void {
  const url = isCarriable(text) && URL.canParse(text) ? new URL(text) : undefined;
  const unfit =
    !url || (url.protocol !== 'https:' && url.protocol !== 'http:')
      ? 'it must begin with https:// or http://'
      : url.username !== '' || url.password !== ''
        ? 'it may hold no user name and no password, deliveries are signed instead'
        : /\s/.test(text)
          ? 'it may hold no white space'
          : text.length > LONGEST_URL
            ? `it may have at most ${LONGEST_URL} characters`
            : undefined;
  if (unfit !== undefined) fail('webhook.invalidUrl', { Detail: unfit });
}

function checkDescription(text: string): void {
  if (!isShortDescription(text) || !isCarriable(text)) fail('webhook.longDescription');
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

/**
 * Has an endpoint be told of the events of its filter from now on.
 * @throws webhook.invalidUrl, webhook.invalidTypes, webhook.longDescription, webhook.countExceeded, product.notFound
 */
export async function addWebhook(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>,
  { instanceId }: Scope,
  { url, types, products, description }: NewWebhook,
): Promise<WebhookSecret> {
  checkUrl(url);
  checkFilter(types, products);
  checkDescription(description);
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
      fail('webhook.countExceeded', { Most: String(MOST_WEBHOOKS) });
    }
    await checkProducts(tx, instanceId, row.products);
    await insertWebhook(tx.db, row);
    tx.made(row.id);
    await addRoutes(tx, row);
  });
  return { webhookId: row.id, secret };
}

async function checkProducts(tx: Tx, instanceId: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) if (!(await findProduct(tx.db, instanceId, key))) fail('product.notFound');
}

/** An endpoint of the instance. @throws webhook.notFound */
export async function requireWebhook({ engine }: Pick<Deps, 'engine'>, scope: Scope, id: string): Promise<WebhookRow> {
  const webhook = isOpaqueId(id) ? await findWebhook(engine.read, id) : undefined;
  return webhook?.instance_id === scope.instanceId ? webhook : fail('webhook.notFound');
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
      const webhook = await lockWebhook(tx, id);
      if (webhook && webhook.disabled_at === null) await addRoutes(tx, webhook);
    });
  }
}

/** Forgets an endpoint with all that it has still to be told; what is long, a sweep ends. @returns false when there is none */
export async function removeWebhook(deps: Pick<Deps, 'engine'>, id: string): Promise<boolean> {
  const removed = await deps.engine.transaction(async (tx) => {
    // waits for whoever changes it, and for the routes that brings
    const isThere = await deleteWebhook(tx.db, id);
    await deleteRoutes(tx.db, webhookConsumer(id));
    return isThere;
  });
  if (removed) await forgetSomeEvents(deps, webhookConsumer(id));
  return removed;
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface WebhookChanges extends Optional<NewWebhook> {
  /**
   * On: what waited since it was switched off is sent. Off: nothing is sent, and events that happen meanwhile are not
   * kept for it.
   */
  readonly enabled?: boolean | undefined;
}

/**
 * Changes an endpoint. What waits by then is sent as it is now, also of types that are no longer among its own.
 * @returns false when there is none
 * @throws webhook.invalidUrl, webhook.invalidTypes, webhook.longDescription, product.notFound
 */
export async function changeWebhook(
  { engine, clock }: Pick<Deps, 'engine' | 'clock'>,
  id: string,
  { enabled, url, types, products, description }: WebhookChanges,
): Promise<boolean> {
  if (url !== undefined) checkUrl(url);
  checkFilter(types, products);
  if (description !== undefined) checkDescription(description);
  return engine.transaction(async (tx) => {
    const before = await findWebhook(tx.db, id);
    if (!before) return false;
    if (products !== undefined) {
      // none of them is deleted meanwhile
      await lockInstance(tx, before.instance_id);
      await checkProducts(tx, before.instance_id, products);
    }
    const now = clock.now();
    const isThere = await updateWebhook(tx.db, id, {
      ...(url === undefined ? {} : { url, failing_since: null, hold_until: 0 }),
      ...(types === undefined ? {} : { types: [...new Set(types)] }),
      ...(products === undefined ? {} : { products: [...new Set(products)] }),
      ...(description === undefined ? {} : { description }),
      ...(enabled ? { disabled_at: null, disabled_why: null, failing_since: null, hold_until: 0 } : {}),
      modified_at: now,
    });
    if (!isThere) return false;
    if (enabled === false) await switchOff(tx, id, now, 'switched off by the operator');
    const webhook = await findWebhook(tx.db, id);
    if (!webhook || webhook.disabled_at !== null) return true;
    if (types !== undefined || products !== undefined) await deleteRoutes(tx.db, webhookConsumer(id));
    await addRoutes(tx, webhook);
    tx.nudge({ kind: 'event', consumers: [webhookConsumer(id)] });
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
 * @throws common.invalidParameter unless `oldForMs` is from 0 to 720 hours
 */
export async function rotateWebhook(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>,
  id: string,
  oldForMs: number,
): Promise<(WebhookSecret & { readonly oldSecretUntil: number }) | undefined> {
  if (oldForMs < 0 || oldForMs > LONGEST_OLD_SECRET_MS)
    fail('common.invalidParameter', { Parameter: 'OldSecretHours' });
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

/** An event that only shows that an endpoint can be reached. */
const testEvent = (id: string, now: number) => ({
  type: 'webhook.test',
  topic: '/webhook/test',
  payload: JSON.stringify({ webhookId: id, messageCreateTime: now }),
});

/** A test event that is not kept, for who sends it himself. @returns undefined when there is no such endpoint */
export async function testMessage(
  deps: Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault'>,
  id: string,
): Promise<{ readonly target: WebhookTarget; readonly message: WebhookMessage } | undefined> {
  const webhook = await findWebhook(deps.engine.read, id);
  if (!webhook) return undefined;
  const createdAt = deps.clock.now();
  const body = webhookBody({ ...testEvent(id, createdAt), createdAt });
  return { target: targetOf(deps, webhook), message: { id: `msg_${deps.ids.id()}`, body } };
}

/**
 * Has an endpoint be sent a test event, as any other.
 * @returns the id of the event; undefined when there is no such endpoint
 * @throws webhook.off
 */
export async function queueTest(
  { engine, clock, ids }: Pick<Deps, 'engine' | 'clock' | 'ids'>,
  id: string,
): Promise<string | undefined> {
  const eventId = ids.id();
  return engine.transaction(async (tx) => {
    const webhook = await findWebhook(tx.db, id);
    if (!webhook) return undefined;
    if (webhook.disabled_at !== null) fail('webhook.off');
    const now = clock.now();
    const consumer = webhookConsumer(id);
    const event = { id: eventId, instance_id: webhook.instance_id, product_key: '', ...testEvent(id, now) };
    const delivery = { consumer, event_id: eventId, state: 'due', due_at: now, attempts: 0, note: '' } as const;
    await insertEvents(tx, [{ ...event, created_at: now }], [{ ...delivery, modified_at: now }]);
    tx.made(eventId);
    tx.nudge({ kind: 'event', consumers: [consumer] });
    return eventId;
  });
}
