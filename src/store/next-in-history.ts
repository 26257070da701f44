import { sql } from 'kysely';

/** Two changes of a device that come closer than a millisecond are a millisecond apart, unless the clock was set back. */
const NEAR_MS = 1_000;

/** What to set in the rows of devices whose status changes. */
export const nextInHistory = (now: number) => ({
  history_before: sql<number | null>`history_at`,
  history_at: sql<number>`case when history_at between ${now} and ${now + NEAR_MS} then history_at + 1 else ${now} end`,
  history_count: sql<number>`history_count + 1`,
});

/** What that says of them afterwards. */
export const historyColumns = ['history_at', 'history_before', 'history_count'] as const;
