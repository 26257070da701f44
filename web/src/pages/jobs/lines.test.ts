import { expect, it } from 'vitest';
import { linesIn, tagsIn } from './lines.ts';

it('takes names from lines and commas, each once', () => {
  expect(linesIn(' lamp-1\nlamp-2, lamp-3\r\n\nlamp-1')).toEqual(['lamp-1', 'lamp-2', 'lamp-3']);
  expect(linesIn(' \n')).toEqual([]);
});

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
