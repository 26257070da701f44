import { expect, test } from 'vitest';
import { parseDeviceLine, readDeviceList } from '../../../src/simulate/device-list.ts';

const device = { productKey: 'pk', deviceName: 'dn', deviceSecret: 'ds' };

async function* lines(...texts: string[]) {
  yield* texts;
}

test.each([
  'pk,dn,ds',
  ' pk , dn , ds ',
  '"pk","dn","ds"',
  '{"productKey":"pk","deviceName":"dn","deviceSecret":"ds"}',
  '{"ProductKey":"pk","DeviceName":"dn","DeviceSecret":"ds","IotId":"x"}',
])('%s names a device', (line) => {
  expect(parseDeviceLine(line)).toEqual(device);
});

test('headings, comments and blank lines are passed over', async () => {
  expect(await readDeviceList(lines('productKey,deviceName,deviceSecret', '', '# spare', 'pk,dn,ds'))).toEqual([
    device,
  ]);
});

test.each(['pk,dn', '{"productKey":"pk"}', '{broken', 'pk,,ds'])('%s is refused with its line number', async (line) => {
  await expect(readDeviceList(lines('pk,first,ds', line))).rejects.toThrow(/^line 2: /);
});

test('a device named twice is refused', async () => {
  await expect(readDeviceList(lines('pk,dn,ds', 'pk,dn,other'))).rejects.toThrow('line 2: device dn is named twice');
});
