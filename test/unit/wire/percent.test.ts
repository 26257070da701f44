import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuery, type Pair, parsePairs, percentEncode } from '../../../src/wire/percent.ts';

const wellFormed = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed());
const somePairs = fc.array(fc.tuple(wellFormed, wellFormed), { maxLength: 12 });

describe('percentEncode', () => {
  it.each([
    ['AZaz09-_.~', 'AZaz09-_.~'],
    [' ', '%20'],
    ["*+!'()", '%2A%2B%21%27%28%29'],
    ['灯/:@%', '%E7%81%AF%2F%3A%40%25'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
    ['', ''],
  ])('encodes %j', (text, encoded) => {
    expect(percentEncode(text)).toBe(encoded);
  });

  it('leaves only unreserved characters and is undone by decoding', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const encoded = percentEncode(text);
        expect(encoded).toMatch(/^(?:[A-Za-z0-9\-_.~]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
  });
});

describe('parsePairs', () => {
  it.each<[string, Pair[]]>([
    ['', []],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a&b=&=c&&d==',
      [
        ['a', ''],
        ['b', ''],
        ['d', '='],
      ],
    ],
    ['a+b=c+d%2B', [['a b', 'c d+']]],
    ['n=%E7%81%AF*(v)!', [['n', '灯*(v)!']]],
    ['n=%e7%81%af', [['n', '灯']]],
    [
      'n=100%&m=%zz%41',
      [
        ['n', '100%'],
        ['m', '%zzA'],
      ],
    ],
    ['n=%FF%41', [['n', '\ufffdA']]],
    ['n=%E7%81%AF%', [['n', '灯%']]],
    ['%5F%5Fproto__=x', [['__proto__', 'x']]],
  ])('reads %j', (raw, pairs) => {
    expect(parsePairs(raw)).toEqual(pairs);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (raw) => void parsePairs(raw)));
    const hostile = fc.array(fc.constantFrom('%', '%4', '%41', '%C3', '+', '&', '=', 'é'), { maxLength: 30 });
    fc.assert(fc.property(hostile, (parts) => void parsePairs(parts.join(''))));
  });
});

describe('canonicalQuery', () => {
  it('sorts by bytes of the raw name: 10 before 2, upper case first, beyond U+FFFF last', () => {
    const names = ['b', 'a', 'B', 'L.2', 'L.10', 'L.1', '\u{1f600}', '\uffee', 'é'];
    const sorted = ['B', 'L.1', 'L.10', 'L.2', 'a', 'b', 'é', '\uffee', '\u{1f600}'];
    expect(canonicalQuery(names.map((name) => [name, '']))).toBe(
      sorted.map((name) => `${percentEncode(name)}=`).join('&'),
    );
  });

  it('sorts by the raw name, not by the encoded one', () => {
    expect(
      canonicalQuery([
        ['a.', '1'],
        ['a*', '2'],
      ]),
    ).toBe('a%2A=2&a.=1');
    expect(
      canonicalQuery([
        ['a:', '1'],
        ['a0', '2'],
      ]),
    ).toBe('a0=2&a%3A=1');
  });

  it('sorts repeated names by value', () => {
    expect(
      canonicalQuery([
        ['a', '2'],
        ['a', '1'],
        ['a', ''],
      ]),
    ).toBe('a=&a=1&a=2');
  });

  it('does not depend on the order of parameters', () => {
    fc.assert(
      fc.property(
        somePairs.chain((pairs) =>
          fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })),
        ),
        ([pairs, shuffled]) => {
          expect(canonicalQuery(shuffled)).toBe(canonicalQuery(pairs));
        },
      ),
    );
  });

  it('is a fixed point: parsed and written again it is the same text', () => {
    fc.assert(
      fc.property(somePairs, (pairs) => {
        const named = pairs.filter(([name]) => name !== '');
        const query = canonicalQuery(named);
        expect(parsePairs(query).toSorted()).toEqual(named.toSorted());
        expect(canonicalQuery(parsePairs(query))).toBe(query);
      }),
    );
  });

  it('agrees with byte order whatever the names are', () => {
    fc.assert(
      fc.property(fc.array(wellFormed.filter((name) => name !== '')), (names) => {
        const bytes = names.map((name) => Buffer.from(name)).sort(Buffer.compare);
        expect(canonicalQuery(names.map((name) => [name, '']))).toBe(
          bytes.map((name) => `${percentEncode(name.toString())}=`).join('&'),
        );
      }),
    );
  });
});
