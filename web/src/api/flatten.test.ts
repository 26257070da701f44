import { expect, it } from 'vitest';
import { flatten } from './flatten.ts';

it('numbers lists from 1 and names the members of what they hold', () => {
  const request = { Tag: [{ Key: 'line', Value: 'a' }, { Key: 'site' }], DeviceName: ['d1', 'd2'] };
  expect(flatten(request)).toEqual([
    ['Tag.1.Key', 'line'],
    ['Tag.1.Value', 'a'],
    ['Tag.2.Key', 'site'],
    ['DeviceName.1', 'd1'],
    ['DeviceName.2', 'd2'],
  ]);
});

it('sends what is empty, 0 or false, and leaves out what is undefined', () => {
  expect(flatten({ Description: '', Type: 0, NeedPush: false, GroupId: undefined })).toEqual([
    ['Description', ''],
    ['Type', '0'],
    ['NeedPush', 'false'],
  ]);
});
