import { expect, it } from 'vitest';
import { Refusal } from '../../../api/client.ts';
import { inSlices } from './in-slices.ts';

const never = new AbortController().signal;
const refusal = new Refusal(400, 'iot.ota.x', 'no', 'r');

it('does what can be done of a slice that is refused', async () => {
  const calls: (readonly number[])[] = [];
  const told: number[] = [];
  const outcome = await inSlices(
    [1, 2, 3, 4, 5],
    2,
    async (slice) => {
      calls.push(slice);
      if (slice.includes(3)) throw refusal;
    },
    never,
    (through) => told.push(through),
  );
  expect(calls).toEqual([[1, 2], [3, 4], [3], [4], [5]]);
  expect(told).toEqual([2, 3, 4, 5]);
  expect(outcome).toEqual({ done: 4, refused: new Map([[3, refusal]]) });
});

it('ends at once when the server is away, or it is stopped', async () => {
  const away = () =>
    inSlices(
      [1, 2],
      1,
      () => Promise.reject(new Error('away')),
      never,
      () => {},
    );
  await expect(away()).rejects.toThrow('away');
  const stop = new AbortController();
  const done: number[] = [];
  const stopped = inSlices(
    [1, 2, 3],
    1,
    async (slice) => {
      done.push(...slice);
      stop.abort();
    },
    stop.signal,
    () => {},
  );
  await expect(stopped).rejects.toThrow();
  expect(done).toEqual([1]);
});
