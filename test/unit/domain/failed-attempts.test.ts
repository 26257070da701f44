import { expect, it } from 'vitest';
import { createFailedAttempts } from '../../../src/domain/failed-attempts.ts';
import { createTestClock } from '../../support/test-clock.ts';

function setUp(perMinute: number, mostAddresses?: number) {
  const clock = createTestClock();
  const attempts = createFailedAttempts(clock, perMinute, mostAddresses);
  const attempt = (address: string, outcome: 'good' | 'bad') =>
    attempts.guard(
      address,
      async () => outcome,
      (found) => found === 'bad',
    );
  const fail = async (address: string, times: number) => {
    for (let count = 0; count < times; count += 1) expect(await attempt(address, 'bad')).toBe('bad');
  };
  return { clock, attempt, fail };
}

it('lets any number of attempts through that succeed', async () => {
  const { attempt } = setUp(2);
  for (let count = 0; count < 1_000; count += 1) expect(await attempt('192.0.2.1', 'good')).toBe('good');
});

it('holds up an address that has failed so often, good attempts and bad ones, and no other', async () => {
  const { clock, attempt, fail } = setUp(60);
  await fail('192.0.2.1', 60);
  expect(await attempt('192.0.2.1', 'good')).toBe('throttled');
  expect(await attempt('192.0.2.2', 'good')).toBe('good');
  await clock.advance(2_000);
  await fail('192.0.2.1', 2);
  expect(await attempt('192.0.2.1', 'bad')).toBe('throttled');
  await clock.advance(60_000);
  await fail('192.0.2.1', 60);
});

it('takes the addresses of one IPv6 network of 64 bits for one', async () => {
  const { attempt, fail } = setUp(2);
  await fail('2001:db8:1:2::a', 1);
  await fail('2001:db8:1:2:3:4:5:6', 1);
  expect(await attempt('2001:db8:1:2:ffff::', 'good')).toBe('throttled');
  expect(await attempt('2001:db8:1:3::a', 'good')).toBe('good');
  await fail('::1', 2);
  expect(await attempt('::2', 'good')).toBe('throttled');
});

it('remembers so many addresses, those that failed last', async () => {
  const { attempt, fail } = setUp(1, 3);
  for (const address of ['a', 'b', 'c', 'd']) await fail(address, 1);
  expect(await attempt('a', 'good')).toBe('good');
  for (const address of ['b', 'c', 'd']) expect(await attempt(address, 'good')).toBe('throttled');
});

it('passes on what goes wrong, which is no failure of the address', async () => {
  const attempts = createFailedAttempts(createTestClock(), 1);
  const broken = () =>
    attempts.guard(
      'a',
      () => Promise.reject(new Error('no database')),
      () => true,
    );
  await expect(broken()).rejects.toThrow('no database');
  await expect(broken()).rejects.toThrow('no database');
});
