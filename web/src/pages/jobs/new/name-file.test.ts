import { describe, expect, it } from 'vitest';
import { namesOfFile } from './name-file.ts';

describe('a file of device names', () => {
  it('holds one on each line, or several between commas', () => {
    expect(namesOfFile('\ufefflamp-1\r\nlamp-2,lamp-3\n\n"lamp-4"')).toEqual({
      names: ['lamp-1', 'lamp-2', 'lamp-3', 'lamp-4'],
      repeated: 0,
      unfit: [],
    });
  });

  it('may be one that the console exported', () => {
    const text = 'ProductKey,DeviceName,Nickname\r\na1BCDEFGHIJ,lamp-1,"Hall, left"\r\na1BCDEFGHIJ,lamp-2,\r\n';
    expect(namesOfFile(text).names).toEqual(['lamp-1', 'lamp-2']);
    expect(namesOfFile('DeviceName,TaskStatus\nlamp-1,FAILED\n').names).toEqual(['lamp-1']);
  });

  it('tells what was left out', () => {
    expect(namesOfFile('lamp-1\nlamp-1\nlamp 2\nabc\nlamp-3')).toEqual({
      names: ['lamp-1', 'lamp-3'],
      repeated: 1,
      unfit: ['lamp 2', 'abc'],
    });
    expect(namesOfFile('').names).toEqual([]);
  });
});
