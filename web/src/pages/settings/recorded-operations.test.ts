import { expect, it } from 'vitest';
import { recordedOperations } from './recorded-operations.ts';

it('are the operations that change something, and what only the console does', () => {
  expect(recordedOperations).toEqual(expect.arrayContaining(['CreateOTAStaticUpgradeJob', 'UpdateUser', 'SignIn']));
  expect(recordedOperations).not.toContain('QueryProductList');
  expect(new Set(recordedOperations).size).toBe(recordedOperations.length);
});
