import { expect, it } from 'vitest';
import { actions } from '../../../src/contract/index.ts';

/** What only looks is named so, and nothing else is. */
const LOOKS = /^(Batch)?(Query|List|Get|Preview)/;

it.each(actions)('$name is said to change something, or not, as its name says', ({ name, changes }) => {
  expect(changes === false).toBe(LOOKS.test(name));
});

it.each(actions)('$name names its target by parameters that it has', ({ changes, request }) => {
  expect(Object.keys(request)).toEqual(expect.arrayContaining([...(changes || [])]));
});
