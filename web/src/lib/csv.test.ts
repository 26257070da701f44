import { describe, expect, it } from 'vitest';
import { harmless, parseCsv, toCsv } from './csv.ts';

describe('CSV', () => {
  it('is read with the line on which each row begins, without empty rows', () => {
    const text = '\ufeffname,nickname\r\n\r\n lamp-1 , "Hall, left"\n"lamp ""2""","two\nlines"\nlamp-3';
    expect(parseCsv(text)).toEqual([
      { line: 1, cells: ['name', 'nickname'] },
      { line: 3, cells: ['lamp-1', 'Hall, left'] },
      { line: 4, cells: ['lamp "2"', 'two\nlines'] },
      { line: 6, cells: ['lamp-3'] },
    ]);
    expect(parseCsv(',\n\n')).toEqual([]);
  });

  it('holds no formula of somebody else', () => {
    expect(['=1+1', '+1', '-1', '@a', '\t=1', '\r=1', 'a=1', ''].map(harmless)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@a",
      "'\t=1",
      "'\r=1",
      'a=1',
      '',
    ]);
  });

  it('is read as it was written', () => {
    const rows = [
      ['a', 'b,c', 'say "hi"'],
      ['two\nlines', ' padded ', 'x'],
    ];
    expect(parseCsv(toCsv(rows)).map(({ cells }) => cells)).toEqual(rows);
  });
});
