import { expect, it } from 'vitest';
import { actions } from '../../../src/contract/index.ts';
import { operations } from '../../acceptance/operations/index.ts';

it('every operation is called through both SDKs by test/acceptance/operations.test.ts, once', () => {
  const called = operations.map(({ action }) => action).sort();
  expect(called).toEqual(actions.map(({ name }) => name as string).sort());
});
