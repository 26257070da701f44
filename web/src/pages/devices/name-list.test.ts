import { describe, expect, it } from 'vitest';
import { readNameList } from './name-list.ts';

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

  it('may be separated as Chinese keyboards and spreadsheets do', () => {
    const { entries } = readNameList('lamp-1，走廊灯\nlamp-2\tHall_left');
    expect(entries.map(({ nickname }) => nickname)).toEqual(['走廊灯', 'Hall_left']);
  });

  it('names the line of each fault', () => {
    const { entries, problems } = readNameList('abc\nlamp-1\nlamp 2\nlamp-1\nlamp-4,x!\n,Nick_1\nlamp-5,lamp-6,lamp-7');
    expect(entries.map(({ name }) => name)).toEqual(['lamp-1']);
    expect(problems).toEqual([
      { line: 1, text: 'abc', what: 'name' },
      { line: 3, text: 'lamp 2', what: 'name' },
      { line: 4, text: 'lamp-1', what: 'duplicate', first: 2 },
      { line: 5, text: 'lamp-4,x!', what: 'nickname' },
      { line: 6, text: ',Nick_1', what: 'name' },
      { line: 7, text: 'lamp-5,lamp-6,lamp-7', what: 'columns' },
    ]);
  });

  it('may name its columns, as an exported list does', () => {
    const text = 'ProductKey,DeviceName,Nickname,Status\r\na1BCDEFGHIJ,lamp-1,Hall_left,ONLINE\r\n';
    expect(readNameList(text).entries).toEqual([{ line: 2, name: 'lamp-1', nickname: 'Hall_left' }]);
    expect(readNameList('device_name\nlamp-1').entries).toEqual([{ line: 2, name: 'lamp-1', nickname: '' }]);
  });
});
