import { expect, it } from 'vitest';
import { textOf } from './text-of.ts';

it('reads UTF-8, with or without a mark, and what Excel writes in Chinese', async () => {
  expect(await textOf(new Blob(['lamp-0001,路灯']))).toBe('lamp-0001,路灯');
  expect(await textOf(new Blob(['\ufefflamp-0001']))).toBe('lamp-0001');
  const gbk = [0x6c, 0x61, 0x6d, 0x70, 0x2c, 0xc2, 0xb7, 0xb5, 0xc6];
  expect(await textOf(new Blob([new Uint8Array(gbk)]))).toBe('lamp,路灯');
});
