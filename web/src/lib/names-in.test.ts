import { expect, it } from 'vitest';
import { namesIn } from './names-in.ts';

it('reads names however they are separated, each once', () => {
  expect(namesIn(' lamp-1, lamp-2;lamp-3\nlamp-1，lamp-4、lamp-5；lamp-6\tlamp-7 ')).toEqual([
    'lamp-1',
    'lamp-2',
    'lamp-3',
    'lamp-4',
    'lamp-5',
    'lamp-6',
    'lamp-7',
  ]);
});
