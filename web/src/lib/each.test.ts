import { expect, it } from 'vitest';
import { each } from './each.ts';

it('does some at a time and tells which failed', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const failures = await each(
    [1, 2, 3, 4, 5],
    2,
    async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (item === 3) throw new Error('three');
      done.push(item);
    },
    new AbortController().signal,
  );
  expect(most).toBe(2);
  expect(done.sort()).toEqual([1, 2, 4, 5]);
  expect([...failures.keys()]).toEqual([3]);
});

it('begins nothing after it was stopped', async () => {
  const stop = new AbortController();
  const done: number[] = [];
  await each(
    [1, 2, 3],
    1,
    async (item) => {
      done.push(item);
      stop.abort();
    },
    stop.signal,
  );
  expect(done).toEqual([1]);
});
