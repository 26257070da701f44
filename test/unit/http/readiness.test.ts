import { expect, it } from 'vitest';
import { createReadiness } from '../../../src/http/readiness.ts';
import { createTestClock } from '../../support/test-clock.ts';

function setUp() {
  const clock = createTestClock();
  const state = { asked: 0, isBehind: false };
  let answer = Promise.withResolvers<void>();
  const check = createReadiness({
    clock,
    isBehind: () => state.isBehind,
    ask() {
      state.asked += 1;
      answer = Promise.withResolvers<void>();
      return answer.promise;
    },
  });
  return { clock, state, check, answer: () => answer.resolve(), fail: () => answer.reject(new Error('gone')) };
}

it('is ready when the database answers, and not when it fails', async () => {
  const { check, answer, fail } = setUp();
  const first = check();
  answer();
  await expect(first).resolves.toBeUndefined();
  const second = check();
  fail();
  await expect(second).rejects.toThrow('gone');
});

it('does not wait for a database that does not answer, and asks it once, however many want to know', async () => {
  const { clock, state, check, answer } = setUp();
  const all = [check(), check(), check()].map((one) => one.catch((error: Error) => error.message));
  await clock.advance(2_000);
  expect(await Promise.all(all)).toEqual(Array.from({ length: 3 }, () => 'the database does not answer'));
  const later = check();
  expect(state.asked).toBe(1);
  answer();
  await later;
});

it('is not ready while calls wait in vain, whatever the database answers', async () => {
  const { state, check } = setUp();
  state.isBehind = true;
  await expect(check()).rejects.toThrow('in vain');
  expect(state.asked).toBe(0);
});
