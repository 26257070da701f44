import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { checkFiles } from '../../../src/domain/package-files.ts';

const url = 'https://ota.example.com/ota/a.bin';

function refusal(input: Parameters<typeof checkFiles>[0]): string {
  try {
    checkFiles(input);
  } catch (error) {
    if (error instanceof Failure) return `${error.key} ${error.details['Parameter'] ?? ''}`.trim();
    throw error;
  }
  return 'none';
}

describe('the files that a client means', () => {
  it('are one by its address, without a name', () => {
    expect(checkFiles({ url, sign: 'abc', size: 3 })).toEqual([{ name: '', url, sign: 'abc', size: 3 }]);
    expect(checkFiles({ url, files: [] })).toMatchObject([{ name: '', url }]);
  });

  it('are those of a list, in its order', () => {
    const files = ['b', 'a'].map((name) => ({ name, url: `${url}?${name}` }));
    expect(checkFiles({ files })).toEqual(files);
    // what is empty was not sent
    expect(checkFiles({ url: '', sign: '', files })).toEqual(files);
  });

  it.each<[string, Parameters<typeof checkFiles>[0]]>([
    ['firmware.nullUrl', {}],
    ['firmware.nullUrl', { url: '' }],
    ['firmware.malformedUrl', { url: 'a.bin' }],
    ['common.invalidParameter FirmwareUrl', { url, files: [{ name: 'a', url }] }],
    ['common.invalidParameter FirmwareSign', { sign: 'abc', files: [{ name: 'a', url }] }],
    ['common.invalidParameter FirmwareSize', { size: 0, files: [{ name: 'a', url }] }],
    ['common.invalidParameter MultiFiles', { files: Array.from({ length: 21 }, (_, i) => ({ name: `${i}`, url })) }],
    ['common.invalidParameter MultiFiles.Name', { files: [{ name: '', url }] }],
    [
      'common.invalidParameter MultiFiles.Name',
      {
        files: [
          { name: 'a', url },
          { name: 'a', url },
        ],
      },
    ],
    ['firmware.nullUrl', { files: [{ name: 'a', url: '' }] }],
    ['firmware.malformedUrl', { files: [{ name: 'a', url: 'b' }] }],
  ])('are refused with %s for %j', (expected, input) => {
    expect(refusal(input)).toBe(expected);
  });
});
