import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { loginOf, serverAddress, snippetKinds, snippetOf } from './connect.ts';

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

it('takes the host that the server tells, without its HTTP port, or that of the page', () => {
  expect(serverAddress('ota.example.com:8080', 'localhost')).toEqual({ host: 'ota.example.com', port: 1883 });
  expect(serverAddress('[2001:db8::1]:8080', 'localhost').host).toBe('[2001:db8::1]');
  expect(serverAddress(undefined, '10.0.0.7').host).toBe('10.0.0.7');
});

it('makes programs that name the device and the server', () => {
  for (const kind of snippetKinds) {
    const program = snippetOf(kind, device, { host: 'ota.example.com', port: 1884 });
    for (const part of ['ota.example.com', '1884', 'lamp@1.2:3', '/ota/device/inform/a1BCDEFGHIJ/lamp@1.2:3'])
      expect(program).toContain(part);
  }
});
