import { expect, it } from 'vitest';
import { several } from './several.ts';

it('says one thing of one and another of any other number', () => {
  const said = (count: string) => several(count, 'task waits', 'tasks wait');
  expect(['0', '1', '2', '1,001', '≈ 1', '≈ 11'].map(said)).toEqual([
    '0 tasks wait',
    '1 task waits',
    '2 tasks wait',
    '1,001 tasks wait',
    '≈ 1 task waits',
    '≈ 11 tasks wait',
  ]);
});
