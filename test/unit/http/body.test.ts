import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createBodyReader, MAX_BODY_BYTES } from '../../../src/http/body.ts';
import { createTestClock } from '../../support/test-clock.ts';

const MEGABYTE = 1_048_576;

function setUp() {
  const clock = createTestClock();
  let turnedAway = 0;
  const read = createBodyReader(clock, () => {
    turnedAway += 1;
  });
  const begin = () => {
    const stream = new PassThrough({ highWaterMark: 64 * MEGABYTE });
    const body = new Promise<string | number>((resolve) =>
      read(stream, (error, bytes) => resolve(error ? error.message : (bytes?.length ?? -1))),
    );
    return { stream, body };
  };
  return { clock, begin, turnedAway: () => turnedAway };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('reads bodies of up to 4 MiB', async () => {
  const { begin } = setUp();
  const { stream, body } = begin();
  stream.write(Buffer.alloc(MAX_BODY_BYTES - 1));
  stream.end('x');
  expect(await body).toBe(MAX_BODY_BYTES);
  const empty = begin();
  empty.stream.end();
  expect(await empty.body).toBe(0);
  const large = begin();
  large.stream.end(Buffer.alloc(MAX_BODY_BYTES + 1));
  expect(await large.body).toBe('gateway.requestTooLarge');
});

it('takes no more than 128 MiB of them at a time, and gives the room back', async () => {
  const { begin, turnedAway } = setUp();
  const all = Array.from({ length: 33 }, begin);
  for (const { stream } of all) {
    stream.write(Buffer.alloc(MAX_BODY_BYTES));
    await settle();
  }
  expect(await all[32]?.body).toBe('gateway.unavailable');
  expect(turnedAway()).toBe(1);
  all[0]?.stream.end();
  expect(await all[0]?.body).toBe(MAX_BODY_BYTES);
  const next = begin();
  next.stream.end(Buffer.alloc(MAX_BODY_BYTES));
  expect(await next.body).toBe(MAX_BODY_BYTES);
});

it('gives up a body that does not end within a minute', async () => {
  const { clock, begin } = setUp();
  const { stream, body } = begin();
  stream.write('Action=');
  await clock.advance(60_000);
  expect(await body).toBe('gateway.invalidParameter');
  expect(stream.destroyed).toBe(true);
});
