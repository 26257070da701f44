import { createHash } from 'node:crypto';

/** The ids look like the vendor's: decimal numbers of 19 digits that fit a signed 64-bit integer. */
const SMALLEST = 10n ** 18n;
const RANGE = 2n ** 63n - SMALLEST;

/**
 * The message id by which consumers tell duplicates (storage-and-events 3.2): the same for the same event, in every
 * group and at every repetition.
 */
export function amqpMessageId(eventId: string): string {
  const bits = createHash('sha256').update(eventId).digest().readBigUInt64BE();
  return String(SMALLEST + (bits % RANGE));
}
