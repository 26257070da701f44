import { expect, it } from 'vitest';
import { nameInPackage, suffixOf, versionIn } from './package-files.ts';

it('tells the suffix of a file by the longest that fits, and calls what it does not know bin', () => {
  expect(['a.tar.gz', 'a.gz', 'A.BIN', 'a.hex', 'a', 'a.zip'].map(suffixOf)).toEqual([
    'tar.gz',
    'gz',
    'bin',
    'bin',
    'bin',
    'zip',
  ]);
});

it('finds the version that a file name suggests', () => {
  expect(['app-v1.2.3.bin', 'fw_2.0.tar.gz', '1.4.0-rc1.zip', 'app.bin', 'v2.bin'].map(versionIn)).toEqual([
    '1.2.3',
    '2.0',
    '1.4.0-rc1',
    '',
    '',
  ]);
});

it('keeps the end of a long name, where the suffix is', () => {
  expect(nameInPackage(`${'x'.repeat(40)}.bin`)).toBe(`${'x'.repeat(28)}.bin`);
});
