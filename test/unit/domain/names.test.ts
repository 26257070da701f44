import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  characters,
  isCarriable,
  isCategoryKey,
  isDeviceName,
  isGroupName,
  isModuleAlias,
  isModuleName,
  isNickname,
  isOpaqueId,
  isPackageFileName,
  isProductKey,
  isProductName,
  isShortDescription,
  isUserName,
  isVersion,
  nameLength,
} from '../../../src/domain/names.ts';

describe('user names', () => {
  test.each(['a', 'night-shift', 'ann.b_2', 'roots', 'a'.repeat(64)])('accept %s', (name) => {
    expect(isUserName(name)).toBe(true);
  });
  test.each(['', 'a'.repeat(65), 'ann b', 'ann@home', '安', 'root', 'Root'])('refuse "%s"', (name) => {
    expect(isUserName(name)).toBe(false);
  });
});

describe('product and group names', () => {
  for (const isName of [isProductName, isGroupName]) {
    test.each(['lamp', 'Lamp_2026', '路灯', '路灯ab', 'a'.repeat(30), '灯'.repeat(15), '𠀀𠀀'])(
      'accepts %s',
      (name) => {
        expect(isName(name)).toBe(true);
      },
    );
    test.each([
      '',
      'abc',
      '灯a',
      '灯',
      'a'.repeat(31),
      '灯'.repeat(16),
      `${'灯'.repeat(15)}a`,
      'la-mp',
      'la mp',
      'lamp\n',
      'lämp',
      'ラム灯灯',
      'lamp🙂',
      'lamp\0',
    ])('refuses %j', (name) => {
      expect(isName(name)).toBe(false);
    });
  }

  test('a Chinese character counts 2, also beyond the 16-bit range', () => {
    expect(nameLength('a灯b')).toBe(4);
    expect(nameLength('𠀀')).toBe(2);
  });

  test('a name of allowed characters is accepted exactly when its length is 4-30', () => {
    const name = fc
      .array(fc.constantFrom('a', 'Z', '9', '_', '灯', '𠀀'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (text) => {
        const length = nameLength(text);
        expect(isProductName(text)).toBe(length >= 4 && length <= 30);
      }),
    );
  });
});

describe('device names', () => {
  test.each(['dev1', 'a-b_c@d.e:f', '0'.repeat(32)])('accepts %s', (name) => expect(isDeviceName(name)).toBe(true));
  test.each(['', 'abc', '0'.repeat(33), 'dev 1', 'dev/1', 'dev#', '设备设备', 'dev1\n', 'dev\u0000'])(
    'refuses %j',
    (name) => expect(isDeviceName(name)).toBe(false),
  );
});

describe('nicknames', () => {
  test('are 4-64 long', () => {
    expect(isNickname('灯灯')).toBe(true);
    expect(isNickname('灯'.repeat(32))).toBe(true);
    expect(isNickname('灯'.repeat(33))).toBe(false);
    expect(isNickname('abc')).toBe(false);
    expect(isNickname('a'.repeat(64))).toBe(true);
    expect(isNickname('a-b-c')).toBe(false);
  });
});

describe('ids and keys', () => {
  test('a product key has 11 letters and digits, whatever it starts with', () => {
    expect(isProductKey('a1TestKey01')).toBe(true);
    expect(isProductKey('k0xxTestKey')).toBe(true);
    expect(isProductKey('a1TestKey0')).toBe(false);
    expect(isProductKey('a1TestKey_1')).toBe(false);
    expect(isProductKey('a1TestKey01\n')).toBe(false);
  });

  test('an id is up to 32 letters and digits', () => {
    expect(isOpaqueId('Q7uOhVRdZRRlDnTLvAbc000100')).toBe(true);
    expect(isOpaqueId('')).toBe(false);
    expect(isOpaqueId('0'.repeat(33))).toBe(false);
    expect(isOpaqueId("x' or '1'='1")).toBe(false);
  });

  test('a category is a plain word', () => {
    expect(isCategoryKey('Lighting')).toBe(true);
    expect(isCategoryKey('Lighting\0')).toBe(false);
  });

  test('a version is 1-64 of letters, digits, dot, dash, underscore', () => {
    expect(isVersion('1.0.2-rc_1')).toBe(true);
    expect(isVersion('')).toBe(false);
    expect(isVersion('v'.repeat(65))).toBe(false);
    expect(isVersion('1.0+build')).toBe(false);
  });
});

describe('free texts', () => {
  test('characters are counted, not 16-bit units', () => {
    expect(characters('a灯🙂')).toBe(3);
    expect(isShortDescription('🙂'.repeat(100))).toBe(true);
    expect(isShortDescription('🙂'.repeat(101))).toBe(false);
    expect(isShortDescription('')).toBe(true);
  });

  test('any readable text can be carried; NUL, other control characters and half characters cannot', () => {
    expect(isCarriable('two\nlines\tand 灯🙂 <&>"')).toBe(true);
    for (const text of ['a\0', 'a\u0001', 'a\u001b[0m', 'a\ud800', '\udc00b', 'a\uffff'])
      expect(isCarriable(text)).toBe(false);
  });
});

test.each(['a', 'MCU', 'barcode-scanner_1.0', 'default', 'fileName', 'a'.repeat(64)])('%s is a module name', (name) => {
  expect(isModuleName(name)).toBe(true);
});

test.each(['', 'a b', '模块', 'a/b', 'a'.repeat(65), 'files', 'extData', 'dProtocol', 'digestsign'])(
  '%j is no module name',
  (name) => {
    expect(isModuleName(name)).toBe(false);
  },
);

test.each([
  [true, '扫码头'],
  [true, '𠀀.v1-a_b'],
  [true, '灯'.repeat(64)],
  [false, ''],
  [false, '灯'.repeat(65)],
  [false, 'a b'],
  [false, 'ラム'],
])('that it is a module alias is %s of %j', (expected, alias) => {
  expect(isModuleAlias(alias)).toBe(expected);
});

test.each([
  [true, 'boot.bin'],
  [true, '应用 (1).bin'],
  [true, '🙂'.repeat(32)],
  [true, 'FILEURL'],
  [false, ''],
  [false, 'a'.repeat(33)],
  [false, 'a\0'],
  [false, '\ud800'],
  [false, 'fileUrl'],
  [false, 'streamId'],
])('that it is the name of a file in a package is %s of %j', (expected, name) => {
  expect(isPackageFileName(name)).toBe(expected);
});
