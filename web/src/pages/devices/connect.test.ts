import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { loginOf, messagesOf, serverAddress } from './connect.ts';
import { programKinds, programOf } from './programs.ts';

const device = {
  productKey: 'a1BCDEFGHIJ',
  deviceName: 'lamp@1.2:3',
  deviceSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
};

it('signs as the server expects of a device', () => {
  const signed = 'clientIda1BCDEFGHIJ.lamp@1.2:3deviceNamelamp@1.2:3productKeya1BCDEFGHIJ';
  expect(loginOf(device)).toEqual({
    clientId: 'a1BCDEFGHIJ.lamp@1.2:3|securemode=3,signmethod=hmacsha256|',
    username: 'lamp@1.2:3&a1BCDEFGHIJ',
    password: createHmac('sha256', device.deviceSecret).update(signed).digest('hex'),
  });
});

it('takes the address that the server tells, or the host of the page', () => {
  expect(serverAddress({ host: 'iot.example.com', port: 1884 }, 'localhost')).toEqual({
    host: 'iot.example.com',
    port: 1884,
  });
  expect(serverAddress({ port: 1884 }, '10.0.0.7')).toEqual({ host: '10.0.0.7', port: 1884 });
  expect(serverAddress(null, '10.0.0.7')).toEqual({ host: '10.0.0.7', port: 1883 });
});

it('makes programs that name the device and the server', () => {
  for (const kind of programKinds) {
    const program = programOf(kind, device, { host: 'ota.example.com', port: 1884 });
    for (const part of ['ota.example.com', '1884', 'a1BCDEFGHIJ', 'lamp@1.2:3']) expect(program).toContain(part);
  }
});

it('shows messages that are what they say', () => {
  for (const { topic, payload } of messagesOf(device)) {
    expect(topic).toMatch(/\/a1BCDEFGHIJ\/lamp@1\.2:3$/);
    expect(JSON.parse(payload)).toHaveProperty('id');
  }
});
