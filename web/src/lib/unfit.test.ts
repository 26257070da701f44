import { expect, it } from 'vitest';
import {
  isDeviceName,
  isModuleName,
  isNickname,
  isPackageName,
  isProductName,
  isVersion,
} from '../../../src/contract/names.ts';
import { unfit } from './unfit.ts';

it('says why a text is no name', () => {
  expect(unfit('street lamp!', isProductName)).toEqual({ why: 'characters', characters: [' ', '!'] });
  expect(unfit('sensor-fw-1.1.0', isPackageName)).toEqual({ why: 'characters', characters: ['.'] });
  expect(unfit('灯', isNickname)).toEqual({ why: 'short' });
  expect(unfit('abc', isDeviceName)).toEqual({ why: 'short' });
  expect(unfit('灯'.repeat(16), isProductName)).toEqual({ why: 'long' });
  expect(unfit('1'.repeat(65), isVersion)).toEqual({ why: 'long' });
  expect(unfit('files', isModuleName)).toEqual({ why: 'other' });
});

it('finds nothing wrong with a name, nor with nothing', () => {
  expect([unfit('lamp@1.2:3', isDeviceName), unfit('', isDeviceName)]).toEqual([undefined, undefined]);
});
