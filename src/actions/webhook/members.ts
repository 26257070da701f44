import type { overviewOfWebhooks } from '../../domain/webhook-log.ts';
import type { DeliveryOfEvent } from '../../store/queries/event-deliveries.ts';
import { utcText } from '../../wire/time.ts';

type Overview = Awaited<ReturnType<typeof overviewOfWebhooks>>[number];

/** An endpoint, without its secret. */
export const webhookMembers = (row: Overview, now: number) => ({
  WebhookId: row.id,
  Url: row.url,
  Description: row.description,
  Types: { Type: [...row.types] },
  ProductKeys: { ProductKey: [...row.products] },
  Status: row.disabled_at === null ? 'ON' : 'OFF',
  OffReason: row.disabled_why ?? undefined,
  FailingSince: textOf(row.failing_since),
  OldSecretUntil: textOf((row.old_secret_until ?? 0) > now ? row.old_secret_until : null),
  Waiting: row.waiting,
  Dead: row.dead,
  CreateTime: utcText(row.created_at),
  ModifiedTime: utcText(row.modified_at),
});

const textOf = (at: number | null) => (at === null ? undefined : utcText(at));

/** The names of the states of a delivery. */
export const deliveryStates = { due: 'WAITING', done: 'DELIVERED', dead: 'DEAD' } as const;

export const deliveryMembers = (row: DeliveryOfEvent) => ({
  EventId: row.event_id,
  Type: row.type,
  Topic: row.topic,
  EventTime: utcText(row.created_at),
  State: deliveryStates[row.state],
  Attempts: row.attempts,
  NextTime: textOf(row.due_at),
  ModifiedTime: utcText(row.modified_at),
  Note: row.note,
});
