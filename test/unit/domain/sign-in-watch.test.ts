import { expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { createSignInWatch } from '../../../src/domain/sign-in-watch.ts';
import { createTestClock } from '../../support/test-clock.ts';

const HERE = '192.0.2.1';
const ELSEWHERE = '198.51.100.';

function setUp() {
  const clock = createTestClock();
  const watch = createSignInWatch(clock);
  const attempt = async (name: string, address: string, isRight: boolean, kind: 'key' | 'password' = 'password') => {
    const work = () => (isRight ? Promise.resolve('in') : Promise.reject(new Failure('console.signInFailed')));
    return watch.guard({ name, kind }, address, work).catch((error: unknown) => (error as Failure).key);
  };
  const guess = async (name: string, addresses: readonly string[], kind?: 'key') => {
    for (const address of addresses) expect(await attempt(name, address, false, kind)).toBe('console.signInFailed');
  };
  return { clock, attempt, guess };
}
const many = (count: number) => Array.from({ length: count }, (_, at) => `${ELSEWHERE}${at}`);

it('slows an address, whatever names it tries', async () => {
  const { clock, attempt, guess } = setUp();
  for (let at = 0; at < 10; at += 1) await guess(`name-${at}`, [HERE]);
  expect(await attempt('ann', HERE, true)).toBe('console.tooManySignIns');
  expect(await attempt('ann', '192.0.2.2', true)).toBe('in');
  await clock.advance(6_000);
  expect(await attempt('ann', HERE, true)).toBe('in');
});

it('slows guesses of the password of a name, from however many addresses', async () => {
  const { attempt, guess } = setUp();
  await guess('ann', many(10));
  expect(await attempt('ann', HERE, true)).toBe('console.tooManySignIns');
  expect(await attempt('bob', HERE, true)).toBe('in');
});

it('keeps nobody out of where he has signed in before, whoever tries his name elsewhere or is his neighbour', async () => {
  const { attempt, guess } = setUp();
  expect(await attempt('ann', HERE, true)).toBe('in');
  await guess('ann', many(10));
  for (let at = 0; at < 10; at += 1) await guess(`name-${at}`, [HERE]);
  expect(await attempt('ann', '203.0.113.1', true)).toBe('console.tooManySignIns');
  expect(await attempt('bob', HERE, true)).toBe('console.tooManySignIns');
  expect(await attempt('ann', HERE, true)).toBe('in');
});

it('slows a name also where it has signed in before', async () => {
  const { clock, attempt, guess } = setUp();
  await attempt('ann', HERE, true);
  await guess('ann', Array(10).fill(HERE));
  expect(await attempt('ann', HERE, true)).toBe('console.tooManySignIns');
  await clock.advance(6_000);
  expect(await attempt('ann', HERE, true)).toBe('in');
});

it('keeps nobody from a key by naming it: its secret cannot be guessed', async () => {
  const { attempt, guess } = setUp();
  await guess('LTAI5tkey', many(30), 'key');
  expect(await attempt('LTAI5tkey', HERE, true, 'key')).toBe('in');
  for (let at = 0; at < 10; at += 1) await guess(`LTAI5tkey${at}`, ['192.0.2.9'], 'key');
  expect(await attempt('LTAI5tkey', '192.0.2.9', true, 'key')).toBe('console.tooManySignIns');
});

it('lets keys pass while passwords wait for their turn', async () => {
  const clock = createTestClock();
  const watch = createSignInWatch(clock);
  const slow = Promise.withResolvers<string>();
  const waiting = many(32).map((address) =>
    watch.guard({ name: address, kind: 'password' }, address, () => slow.promise),
  );
  await expect(watch.guard({ name: 'ann', kind: 'password' }, HERE, async () => 'in')).rejects.toThrow(
    'too much waits',
  );
  expect(await watch.guard({ name: 'LTAI5tkey', kind: 'key' }, HERE, async () => 'in')).toBe('in');
  slow.resolve('in');
  expect(await Promise.all(waiting)).toEqual(Array(32).fill('in'));
});
