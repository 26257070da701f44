import { expect, it } from 'vitest';
import { asArrays, bulkSlices } from '../../../src/store/bulk-rows.ts';

it('fills in null for what a row lacks', () => {
  const rows = [{ a: 1 }, { b: 'x', a: undefined }];
  const slices = [...bulkSlices(rows)];
  expect(slices).toEqual([{ columns: ['a', 'b'], rows }]);
  expect(slices.map(asArrays)).toEqual([
    [
      [1, null],
      [null, 'x'],
    ],
  ]);
});

it('cuts many rows into slices and loses none', () => {
  const slices = [...bulkSlices(Array.from({ length: 12_000 }, (_, n) => ({ n })))];
  expect(slices.map((slice) => slice.rows.length)).toEqual([5000, 5000, 2000]);
  expect(slices.flatMap((slice) => asArrays(slice).map(([n]) => n))).toEqual(
    Array.from({ length: 12_000 }, (_, n) => n),
  );
});

it('has nothing to say about no rows', () => {
  expect([...bulkSlices([])]).toEqual([]);
});
