import { expect, it } from 'vitest';
import { isNewer } from './versions.ts';

it('compares versions by their numbers, and none that have no numbers', () => {
  expect(isNewer('1.10.0', '1.9.3')).toBe(true);
  expect(isNewer('v2', '1.9.3')).toBe(true);
  expect(isNewer('1.2.0.1', '1.2')).toBe(true);
  expect(isNewer('1.2', '1.2.0')).toBe(false);
  expect(isNewer('1.2.0', '1.10.0')).toBe(false);
  expect(isNewer('1.2.0-rc2', '1.2.0-rc1')).toBe(false);
  expect(isNewer('blue', '1.0.0')).toBe(false);
  expect(isNewer('2.0.0', 'blue')).toBe(false);
});
