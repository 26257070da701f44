import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { isHeading, type ListedName, NameListReader } from '../../../src/wire/name-list.ts';

/** What is read of a file that comes in pieces of so many bytes. */
function read(file: string | Uint8Array, pieceSize = 1_000_000, from = 0): ListedName[] {
  const bytes = Buffer.from(file);
  const reader = new NameListReader(from);
  const names: ListedName[] = [];
  for (let start = from; start < bytes.length; start += pieceSize) {
    names.push(...reader.read(bytes.subarray(start, start + pieceSize), false));
  }
  return [...names, ...reader.read(Buffer.alloc(0), true)];
}

const texts = (names: readonly ListedName[]) => names.map((name) => name.text);
const lines = (names: readonly ListedName[]) => names.map((name) => name.line);

test.each([
  ['lines of any kind', 'dev1\ndev2\r\ndev3\rdev4', ['dev1', 'dev2', 'dev3', 'dev4'], [1, 2, 3, 4]],
  ['a line end after the last name', 'dev1\r\n', ['dev1'], [1]],
  ['blank lines', '\n\ndev1\r\n \t \r\n\r\ndev2\n\n', ['dev1', 'dev2'], [3, 6]],
  ['commas', 'dev1,dev2,,\ndev3, dev4', ['dev1', 'dev2', 'dev3', 'dev4'], [1, 1, 2, 2]],
  ['quotes, one layer of them', '"dev1"\n" dev2 " ,""dev3""\n""', ['dev1', 'dev2', '"dev3"'], [1, 2, 2]],
  ['a byte order mark', '\ufeffdev1\ndev2', ['dev1', 'dev2'], [1, 2]],
  ['a byte order mark before a quote', '\ufeff"DeviceName"\ndev1', ['DeviceName', 'dev1'], [1, 2]],
  ['nothing', '', [], []],
  ['only blanks', '\ufeff \r\n,,\n', [], []],
])('takes %s apart', (_, file, names, at) => {
  expect(texts(read(file))).toEqual(names);
  expect(lines(read(file))).toEqual(at);
});

it('comes to the same in whatever pieces the file arrives, and wherever it is read on', () => {
  const piece = fc.constantFrom('dev1', 'gerät', 'x', ',', '\r', '\n', '\r\n', '"', ' ', '\ufeff', '灯', 'DeviceName');
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 1, max: 9 }), (parts, size) => {
      const file = parts.join('');
      const whole = read(file);
      expect(read(file, size)).toEqual(whole);
      for (const [index, { end }] of whole.entries()) {
        expect(texts(read(file, size, end))).toEqual(texts(whole.slice(index + 1)));
      }
    }),
  );
});

it('goes on where a piece ends that is not the last', () => {
  const reader = new NameListReader();
  expect(texts([...reader.read(Buffer.from('dev1\ndev2\r'), false)])).toEqual(['dev1']);
  expect(reader.position).toBe(5);
  expect([...reader.read(Buffer.from('\ndev3'), true)]).toEqual([
    { text: 'dev2', line: 2, end: 11 },
    { text: 'dev3', line: 3, end: 15 },
  ]);
});

it('has nothing that could be a name for what is not UTF-8, and for a cell without end', () => {
  expect(texts(read(Buffer.from('6465763180', 'hex')))).toEqual(['dev1\ufffd']);
  expect(texts(read(Buffer.from('dev1', 'utf16le')))[0]).toContain('\0');
  expect(texts(read(`dev1\n${'x'.repeat(5000)}\ndev2`, 100))).toContain('\ufffd');
  expect(texts(read(`dev1\n${' '.repeat(2000)}dev2`))).toEqual(['dev1', '\ufffd']);
});

it('knows the heading of a column', () => {
  expect(['DeviceName', 'devicename', 'DEVICENAME'].every(isHeading)).toBe(true);
  expect(isHeading('DeviceName1')).toBe(false);
});
