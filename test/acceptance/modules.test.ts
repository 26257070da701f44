import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentSdk, models, popCore } from './support/clients.ts';
import { eachDatabase } from './support/engines.ts';
import { type Otaru, rootKey, startOtaru } from './support/otaru.ts';
import { uploadForm } from './support/upload.ts';
import { signedV1Url } from './support/wire.ts';

eachDatabase('modules and packages of several files, with stock SDKs', (variables) => {
  let otaru: Otaru;
  beforeAll(async () => {
    otaru = await startOtaru(await variables());
  });
  afterAll(async () => {
    await otaru?.[Symbol.asyncDispose]();
  });

  it('are made, read back and taken away', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const core = popCore(otaru.http, rootKey);
    const product = new models.CreateProductRequest({ productName: 'robot', nodeType: 0 });
    const productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
    const module = { productKey, moduleName: 'arm' };
    const options = { method: 'POST' };

    const made = await sdk.createOTAModule(new models.CreateOTAModuleRequest({ ...module, aliasName: '机械臂' }));
    expect(made.body).toMatchObject({ success: true });
    const again = await sdk.createOTAModule(new models.CreateOTAModuleRequest({ productKey, moduleName: 'ARM' }));
    expect(again.body).toMatchObject({ success: false, code: 'iot.ota.AlreadyExistedOtaModuleName' });
    const legs = { ProductKey: productKey, ModuleName: 'leg', Desc: 'left & right' };
    expect(await core.request('CreateOTAModule', legs, options)).toMatchObject({ Success: true });
    await sdk.updateOTAModule(new models.UpdateOTAModuleRequest({ ...module, desc: 'both' }));
    const { body: list } = await sdk.listOTAModuleByProduct(new models.ListOTAModuleByProductRequest({ productKey }));
    // the bare array arrives as one
    expect(list.data).toMatchObject([
      { productKey, moduleName: 'arm', aliasName: '机械臂', desc: 'both' },
      { productKey, moduleName: 'leg', aliasName: '', desc: 'left & right' },
    ]);
    expect(await core.request('ListOTAModuleByProduct', { ProductKey: productKey })).toMatchObject({
      Data: [{ ModuleName: 'arm' }, { ModuleName: 'leg' }],
    });

    const contents = [randomBytes(2_000), randomBytes(70_000)] as Buffer<ArrayBuffer>[];
    const multiFiles = [];
    for (const [index, bytes] of contents.entries()) {
      const { body } = await sdk.generateOTAUploadURL(new models.GenerateOTAUploadURLRequest({}));
      const grant = { ...body.data } as Record<string, string>;
      const accessKeyId = grant['OSSAccessKeyId'] ?? grant['oSSAccessKeyId'] ?? '';
      expect((await uploadForm({ ...grant, OSSAccessKeyId: accessKeyId }, bytes)).status).toBe(200);
      const file = { name: `part${index}.bin`, url: grant['firmwareUrl'] ?? '', size: bytes.length };
      multiFiles.push(new models.CreateOTAFirmwareRequestMultiFiles(file));
    }
    const firmware = { ...module, firmwareName: 'arm-2', destVersion: '2.0.0', needToVerify: false, multiFiles };
    const { body: created } = await sdk.createOTAFirmware(new models.CreateOTAFirmwareRequest(firmware));
    expect(created).toMatchObject({ success: true });
    const firmwareId = created.data?.firmwareId ?? '';

    // this SDK lacks ModifyOTAFirmware
    const named = { FirmwareId: firmwareId, ProductKey: productKey };
    expect(await core.request('ModifyOTAFirmware', { ...named, FirmwareName: 'arm-2b' }, options)).toMatchObject({
      Success: true,
    });
    const modify = signedV1Url(otaru.http, rootKey, { Action: 'ModifyOTAFirmware', ...named, FirmwareName: '-' });
    expect(await (await fetch(modify)).json()).toMatchObject({ Code: 'iot.firmware.IncorrectFormattedFirmwareName' });

    const { body: details } = await sdk.queryOTAFirmware(new models.QueryOTAFirmwareRequest({ firmwareId }));
    const info = details.firmwareInfo;
    expect(info).toMatchObject({ moduleName: 'arm', firmwareName: 'arm-2b', status: -1, signMethod: 'MD5' });
    expect(info?.multiFiles).toHaveLength(2);
    for (const [index, file] of (info?.multiFiles ?? []).entries()) {
      const bytes = contents[index] as Buffer;
      const md5 = createHash('md5').update(bytes).digest('hex');
      expect(file).toMatchObject({ name: `part${index}.bin`, size: bytes.length, signValue: md5, fileMd5: md5 });
      expect(Buffer.from(await (await fetch(file.url ?? '')).arrayBuffer())).toEqual(bytes);
    }

    const remove = new models.DeleteOTAModuleRequest(module);
    expect((await sdk.deleteOTAModule(remove)).body).toMatchObject({ success: false, code: 'iot.ota.OtaModuleInUse' });
    await sdk.deleteOTAFirmware(new models.DeleteOTAFirmwareRequest({ firmwareId }));
    expect((await sdk.deleteOTAModule(remove)).body).toMatchObject({ success: true });
  });

  it('hand out the versions that a device reported, and a form for lists of names', async () => {
    const sdk = currentSdk(otaru.http, rootKey);
    const product = new models.CreateProductRequest({ productName: 'reporter', nodeType: 0 });
    const productKey = (await sdk.createProduct(product)).body.data?.productKey ?? '';
    const device = new models.RegisterDeviceRequest({ productKey, deviceName: 'quiet-1' });
    const iotId = (await sdk.registerDevice(device)).body.data?.iotId ?? '';
    const versions = new models.ListOTAModuleVersionsByDeviceRequest({ iotId, currentPage: 1, pageSize: 200 });
    expect((await sdk.listOTAModuleVersionsByDevice(versions)).body).toMatchObject({
      success: true,
      total: 0,
      data: { simpleOTAModuleInfo: [] },
    });

    const { body } = await sdk.generateDeviceNameListURL(new models.GenerateDeviceNameListURLRequest({}));
    const grant = { ...body.data } as Record<string, string>;
    expect(grant['fileUrl']).toBe(`${grant['host']}/${grant['key']}`);
    const names = Buffer.from('lamp-1\r\nlamp-2\r\n');
    expect((await uploadForm({ ...grant, OSSAccessKeyId: grant['accessKeyId'] ?? '' }, names)).status).toBe(200);
  });
});
