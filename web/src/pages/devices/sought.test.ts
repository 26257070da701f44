import { describe, expect, it, test } from 'vitest';
import { limitProfiles } from '../../../../src/contract/limits.ts';
import { conditionsOf, rowsOf, soughtIn } from './sought.ts';

describe('what is looked for', () => {
  test.each([
    ['', { kind: 'all' }],
    [' , ', { kind: 'all' }],
    [' lamp ', { kind: 'begun', text: 'lamp' }],
    ['lamp-1, lamp-2', { kind: 'names', names: ['lamp-1', 'lamp-2'] }],
    ['lamp-1 lamp-1', { kind: 'begun', text: 'lamp-1' }],
    ['大厅_左', { kind: 'begun', text: '大厅_左' }],
  ])('%j', (text, sought) => expect(soughtIn(text, true)).toEqual(sought));

  it('is a whole name where beginnings cannot be asked for', () =>
    expect(soughtIn('lamp', false)).toEqual({ kind: 'names', names: ['lamp'] }));
});

describe('how it is asked for', () => {
  const of = (text: string, status?: 'ONLINE') => conditionsOf({ productKey: 'a1BCDEFGHIJ', status, text });

  it('asks by name first, then by nickname for what was not found by name', () => {
    expect(of('lamp', 'ONLINE')).toEqual({
      names: 'product_key = "a1BCDEFGHIJ" AND status = "ONLINE" AND name LIKE "lamp%"',
      nicknames:
        'product_key = "a1BCDEFGHIJ" AND status = "ONLINE" AND nickname LIKE "lamp%" AND name NOT LIKE "lamp%"',
    });
    expect(of('lamp-1').nicknames).toBeUndefined();
    expect(of('灯').names).toBeUndefined();
  });

  it.each(['"', "'", '\'"', '50%', 'a\\', 'lamp*', '\u0001', '😀', 'x'.repeat(65)])(
    'asks for nothing where neither can begin so: %j',
    (text) => expect(of(text)).toEqual({ names: undefined, nicknames: undefined }),
  );

  it('stays within what a search may hold', () => {
    const { nicknames = '' } = of('x'.repeat(32), 'ONLINE');
    expect(nicknames.length + 'SELECT * FROM device WHERE  LIMIT 9950,50'.length).toBeLessThan(
      limitProfiles.aliyun.searchLength,
    );
  });
});

it.each([
  [7, 0, 5, { first: { offset: 0, limit: 5 }, second: { offset: 0, limit: 0 } }],
  [7, 5, 5, { first: { offset: 5, limit: 2 }, second: { offset: 0, limit: 3 } }],
  [7, 10, 5, { first: { offset: 10, limit: 0 }, second: { offset: 3, limit: 5 } }],
  [0, 0, 5, { first: { offset: 0, limit: 0 }, second: { offset: 0, limit: 5 } }],
])('rows of a list of %i that goes on in a second one, from %i on, %i of them', (first, offset, limit, expected) =>
  expect(rowsOf(first, offset, limit)).toEqual(expected),
);
