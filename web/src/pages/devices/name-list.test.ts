import { describe, expect, it } from 'vitest';
import { readNameList } from './name-list.ts';
import { isNickname, namesIn } from './names.ts';

describe('a list of names', () => {
  it('is a name on each line, with a nickname or without', () => {
    expect(readNameList('lamp-1\nlamp-2,Hall_left\n\n lamp@3.x:y , 走廊灯\n')).toEqual({
      entries: [
        { line: 1, name: 'lamp-1', nickname: '' },
        { line: 2, name: 'lamp-2', nickname: 'Hall_left' },
        { line: 4, name: 'lamp@3.x:y', nickname: '走廊灯' },
      ],
      problems: [],
    });
  });

  it('names the line of each fault', () => {
    const { entries, problems } = readNameList('abc\nlamp-1\nlamp 2\nlamp-1\nlamp-4,x!\n,Nick_1');
    expect(entries.map(({ name }) => name)).toEqual(['lamp-1']);
    expect(problems).toEqual([
      { line: 1, text: 'abc', what: 'name' },
      { line: 3, text: 'lamp 2', what: 'name' },
      { line: 4, text: 'lamp-1', what: 'duplicate', first: 2 },
      { line: 5, text: 'x!', what: 'nickname' },
      { line: 6, text: '', what: 'name' },
    ]);
  });

  it('may name its columns, as an exported list does', () => {
    const text = 'ProductKey,DeviceName,Nickname,Status\r\na1BCDEFGHIJ,lamp-1,Hall_left,ONLINE\r\n';
    expect(readNameList(text).entries).toEqual([{ line: 2, name: 'lamp-1', nickname: 'Hall_left' }]);
    expect(readNameList('device_name\nlamp-1').entries).toEqual([{ line: 2, name: 'lamp-1', nickname: '' }]);
  });
});

it('counts a Chinese character of a nickname twice', () => {
  expect(['灯灯', '灯', 'abc', 'abcd', '灯'.repeat(32), '灯'.repeat(33), 'a b c d'].map(isNickname)).toEqual([
    true,
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

it('takes names with whatever stands between them, each once', () => {
  expect(namesIn(' lamp-1, lamp-2;lamp-3\nlamp-1，lamp-4 ')).toEqual(['lamp-1', 'lamp-2', 'lamp-3', 'lamp-4']);
});
