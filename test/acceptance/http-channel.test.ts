import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentSdk, models } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';

/** One request byte for byte; the body is found as C SDKs find it, by the exact text `Content-Length: `. */
async function exchange(origin: string, request: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  socket.write(request);
  try {
    for (;;) {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const body = rest.join('\r\n\r\n');
      const length = /\r\nContent-Length: (\d+)/.exec(head)?.[1];
      if (length !== undefined && body.length >= Number(length)) {
        expect(head).toMatch(/^HTTP\/1\.1 200 /);
        return body;
      }
      await once(socket, 'data');
    }
  } finally {
    socket.destroy();
  }
}

eachDatabase('the HTTP channel, with requests as C SDKs send them', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it('takes version reports of C 3.x and C 4.x, and the API shows them', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const product = new models.CreateProductRequest({ productName: 'meter', nodeType: 0 });
    const productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
    const request = new models.RegisterDeviceRequest({ productKey, deviceName: 'meter-1' });
    const { iotId = '', deviceSecret: secret = '' } = (await sdk.registerDevice(request)).body.data ?? {};
    const versions = async () => {
      const { body } = await sdk.listOTAModuleVersionsByDevice(
        new models.ListOTAModuleVersionsByDeviceRequest({ iotId, currentPage: 1, pageSize: 10 }),
      );
      return (body.data?.simpleOTAModuleInfo ?? []).map((info) => [info.moduleName, info.moduleVersion]);
    };
    const clientId = `${productKey}.meter-1`;
    const sign = (method: string) =>
      createHmac(method, secret).update(`clientId${clientId}deviceNamemeter-1productKey${productKey}`).digest('hex');
    const topic = `/topic/ota/device/inform/${productKey}/meter-1`;
    const tokenOf = (body: string) => {
      const token = /"token":"([^"]*)"/.exec(body)?.[1] ?? '';
      expect(body).toBe(`{"code":0,"message":"success","info":{"token":"${token}"}}`);
      // what C 3.x has room for
      expect(token.length).toBeLessThan(193);
      return token;
    };

    // C 3.x: hmacsha1, blanks in the JSON, no blank after `password:`
    const auth3 = `{"version":"default", "clientId":"${clientId}","signmethod":"hmacsha1","sign":"${sign('sha1')}","productKey":"${productKey}","deviceName":"meter-1"}`;
    const token3 = tokenOf(
      await exchange(
        otaru.http,
        `POST /auth HTTP/1.1\r\nHost: x\r\nContent-Length: ${auth3.length}\r\nContent-Type: application/json\r\n\r\n${auth3}`,
      ),
    );
    const inform3 = '{"id":0,"params":{"version":"app-1.0.0-20180101.1000"}}';
    const posted = await exchange(
      otaru.http,
      `POST ${topic} HTTP/1.1\r\nHost: x\r\nContent-Length: ${inform3.length}\r\nConnection: Keep-Alive\r\npassword:${token3}\r\nContent-Type: application/octet-stream\r\n\r\n${inform3}`,
    );
    expect(posted).toMatch(/^\{"code":0,"message":"success","info":\{"messageId":\d{18,19}\}\}$/);
    expect(await versions()).toEqual([['default', 'app-1.0.0-20180101.1000']]);

    // C 4.x: hmacsha256, upper-case hex, no version
    const auth4 = `{"clientId":"${clientId}","signmethod":"hmacsha256","deviceName":"meter-1","productKey":"${productKey}","sign":"${sign('sha256').toUpperCase()}"}`;
    const token4 = tokenOf(
      await exchange(
        otaru.http,
        `POST /auth HTTP/1.1\r\nHost: x\r\nAccept: text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: ${auth4.length}\r\n\r\n${auth4}`,
      ),
    );
    const inform4 = '{"id":1, "params":{"version":"1.0.1","module":"radio"}}';
    const report = (token: string) =>
      exchange(
        otaru.http,
        `POST ${topic} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Type: application/octet-stream\r\nPassword: ${token}\r\nContent-Length: ${inform4.length}\r\n\r\n${inform4}`,
      );
    expect(await report(token4)).toMatch(/^\{"code":0,/);
    expect(await versions()).toEqual([
      ['default', 'app-1.0.0-20180101.1000'],
      ['radio', '1.0.1'],
    ]);
    const { body: status } = await sdk.getDeviceStatus(new models.GetDeviceStatusRequest({ iotId }));
    expect(status.data?.status).toBe('UNACTIVE');

    // the token outlives a restart, not the device
    await otaru.kill();
    await otaru.start();
    expect(await report(token4)).toMatch(/^\{"code":0,/);
    expect(await report('nonsense')).toMatch(/^\{"code":20003,/);
    await sdk.deleteDevice(new models.DeleteDeviceRequest({ iotId }));
    expect(await report(token4)).toMatch(/^\{"code":20003,/);
  });
});
