import { expect, it } from 'vitest';
import { everyPage } from './every-page.ts';

it('reads a list to its end', async () => {
  const asked: number[] = [];
  const list = (pages: number) =>
    everyPage(async (page) => {
      asked.push(page);
      return { rows: [`a${page}`, `b${page}`], pages };
    });
  expect(await list(3)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  expect(await list(0)).toEqual(['a1', 'b1']);
  expect(asked).toEqual([1, 2, 3, 1]);
});
