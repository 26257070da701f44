import { expect, it } from 'vitest';
import { tagsIn } from './tags.ts';

it('takes tags from lines; a value may hold an equals sign', () => {
  expect(tagsIn('site = hall\nq=a=b\n')).toEqual({
    tags: [
      { Key: 'site', Value: 'hall' },
      { Key: 'q', Value: 'a=b' },
    ],
  });
  expect(tagsIn('site=hall\nnothing')).toEqual({ tags: [], wrong: 'nothing' });
  expect(tagsIn('=x').wrong).toBe('=x');
});
