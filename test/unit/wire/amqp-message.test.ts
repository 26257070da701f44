import fc from 'fast-check';
import { expect, it } from 'vitest';
import { amqpMessageId } from '../../../src/wire/amqp-message.ts';

it('makes a decimal number of 19 digits of an event id, always the same', () => {
  fc.assert(
    fc.property(fc.string(), (eventId) => {
      const id = amqpMessageId(eventId);
      expect(id).toMatch(/^[1-9]\d{18}$/);
      expect(BigInt(id) < 2n ** 63n).toBe(true);
      expect(amqpMessageId(eventId)).toBe(id);
    }),
  );
});

it('tells events apart', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => amqpMessageId(`event${index}`));
  expect(new Set(ids).size).toBe(10_000);
});
