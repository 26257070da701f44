import { beforeEach, describe, expect, test } from 'vitest';
import { findUpload } from '../../../src/store/queries/uploads.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope, type Upload, type World } from './world.ts';

eachEngine('packages', (database) => {
  let world: World;
  let key: string;
  beforeEach(async () => {
    world = await createWorld(database);
    key = await world.newProduct('lamp');
  });

  const basics = () => ({ FirmwareName: 'fw-a', DestVersion: '2.0.0', ProductKey: key });
  const create = async (more: object) =>
    (await world.call('CreateOTAFirmware', { ...basics(), ...more })).Data.FirmwareId;
  const refused = (more: object) => world.refused('CreateOTAFirmware', { ...basics(), ...more });
  const details = async (FirmwareId: string) => (await world.call('QueryOTAFirmware', { FirmwareId })).FirmwareInfo;
  const stateOf = async ({ url }: Upload) =>
    (await findUpload(world.deps.engine.read, new URL(url).pathname.slice(1)))?.state;
  const uploads = (count: number) => Promise.all(Array.from({ length: count }, () => world.newUpload()));
  const named = (files: readonly Upload[]) => files.map(({ url }, index) => ({ Name: `f${index}.bin`, Url: url }));

  describe('of several files', () => {
    test('keep their order, and are shown as a bare array with signed addresses', async () => {
      const files = await uploads(3);
      // not the order of the addresses
      const reversed = files.toReversed();
      const id = await create({
        SignMethod: 'SHA256',
        MultiFiles: [
          { Name: '程序.bin', Url: `${reversed[0]?.url}?Expires=1`, Size: reversed[0]?.size },
          { Name: 'b.bin', Url: reversed[1]?.url, SignValue: reversed[1]?.sha256.toUpperCase() },
          { Name: 'c.bin', Url: reversed[2]?.url, FileMd5: reversed[2]?.md5.toUpperCase(), SignValue: '' },
        ],
      });
      const shown = await details(id);
      expect(shown.MultiFiles).toEqual(
        reversed.map(({ url, size, md5, sha256 }, index) => ({
          Name: ['程序.bin', 'b.bin', 'c.bin'][index],
          Size: size,
          Url: expect.stringMatching(new RegExp(`^${url.replaceAll('.', '\\.')}\\?Expires=\\d+&OSSAccessKeyId=`)),
          SignValue: sha256,
          FileMd5: md5,
        })),
      );
      for (const name of ['FirmwareUrl', 'FirmwareSign', 'FirmwareSize']) expect(shown).not.toHaveProperty(name);
      const { FirmwareInfo } = await world.call('ListOTAFirmware', { CurrentPage: 1, PageSize: 10 });
      expect(FirmwareInfo.SimpleFirmwareInfo).toMatchObject([{ FirmwareId: id, SignMethod: 'SHA256' }]);
      for (const name of ['FirmwareSign', 'FirmwareSize', 'MultiFiles']) {
        expect(FirmwareInfo.SimpleFirmwareInfo[0]).not.toHaveProperty(name);
      }
      expect(await Promise.all(files.map(stateOf))).toEqual(['used', 'used', 'used']);
    });

    test('may be 20', async () => {
      const files = await uploads(21);
      expect(await refused({ MultiFiles: named(files) })).toBe('common.invalidParameter');
      const id = await create({ MultiFiles: named(files.slice(0, 20)) });
      expect((await details(id)).MultiFiles?.map((file) => file.Name)).toEqual(
        Array.from({ length: 20 }, (_, index) => `f${index}.bin`),
      );
    });

    test('that are one only are a package of a single file', async () => {
      const [file] = (await uploads(1)) as [Upload];
      const shown = await details(await create({ MultiFiles: named([file]) }));
      expect(shown).toMatchObject({ FirmwareSign: file.md5, FirmwareSize: file.size });
      expect(shown.FirmwareUrl).toContain(file.url);
      expect(shown).not.toHaveProperty('MultiFiles');
    });

    test('are let go of when the package is deleted', async () => {
      const files = await uploads(2);
      const id = await create({ MultiFiles: named(files) });
      await world.call('DeleteOTAFirmware', { FirmwareId: id });
      expect(await Promise.all(files.map(stateOf))).toEqual(['stored', 'stored']);
    });

    test.each<[string, (files: Upload[]) => object]>([
      ['common.invalidParameter', ([a]) => ({ FirmwareUrl: a?.url })],
      ['common.invalidParameter', ([a]) => ({ FirmwareSign: a?.md5 })],
      ['common.invalidParameter', ([a]) => ({ FirmwareSize: a?.size })],
    ])('are refused with %s beside what belongs to a single file (%#)', async (refusal, more) => {
      const files = await uploads(2);
      expect(await refused({ MultiFiles: named(files), ...more(files) })).toBe(refusal);
      expect(await Promise.all(files.map(stateOf))).toEqual(['stored', 'stored']);
    });

    test.each<[string, string, object]>([
      ['an empty name', 'common.invalidParameter', { Name: '' }],
      ['a name of 33 characters', 'common.invalidParameter', { Name: '灯'.repeat(33) }],
      ['a name that is taken in the package', 'common.invalidParameter', { Name: 'f0.bin' }],
      ['a name that no database can hold', 'common.invalidParameter', { Name: 'a\0b' }],
      ['a name that devices take for a key', 'common.invalidParameter', { Name: 'fileUrl' }],
      ['no address', 'firmware.nullUrl', { Url: '' }],
      ['an address that is none', 'firmware.malformedUrl', { Url: 'file.bin' }],
      ['a foreign address', 'firmware.unknownUrl', { Url: 'https://example.com/file.bin' }],
      ['another size', 'firmware.sizeMismatch', { Size: 1_000 }],
      ['another digest', 'firmware.signMismatch', { SignValue: 'd41d8cd98f00b204e9800998ecf8427e' }],
      ['another MD5', 'firmware.signMismatch', { FileMd5: 'd41d8cd98f00b204e9800998ecf8427e' }],
    ])('are refused with %s', async (_, refusal, wrong) => {
      const files = await uploads(2);
      const [first, second] = named(files);
      expect(await refused({ MultiFiles: [first, { ...second, ...wrong }] })).toBe(refusal);
      expect(await Promise.all(files.map(stateOf))).toEqual(['stored', 'stored']);
      await create({ MultiFiles: [first, second] });
    });

    test('are refused when two are the same upload', async () => {
      const [{ url }] = (await uploads(1)) as [Upload];
      const MultiFiles = [
        { Name: 'a', Url: url },
        { Name: 'b', Url: `${url}?x` },
      ];
      expect(await refused({ MultiFiles })).toBe('common.invalidParameter');
    });

    test('are refused when one was never uploaded, is empty, or is a list of devices', async () => {
      const [file] = named(await uploads(1));
      const { Data: granted } = await world.call('GenerateOTAUploadURL', {});
      const { Data: devices } = await world.call('GenerateDeviceNameListURL', {});
      const beside = (Url: string) => refused({ MultiFiles: [file, { Name: 'b', Url }] });
      expect(await beside(granted.FirmwareUrl)).toBe('firmware.unknownUrl');
      expect(await beside(devices.FileUrl)).toBe('firmware.unknownUrl');
      expect(await beside((await world.newUpload('')).url)).toBe('firmware.emptyFile');
    });

    test('can be claimed by two packages in opposite order at the same time', async () => {
      const files = await uploads(4);
      const results = await world.atOnce(
        Array.from({ length: 4 }, (_, index) => () => {
          const order = index % 2 === 0 ? files : files.toReversed();
          return create({ FirmwareName: `fw-${index}`, MultiFiles: named(order) });
        }),
      );
      expect(results.map((result) => result.status)).toEqual(Array(4).fill('fulfilled'));
    });
  });

  describe('of a module', () => {
    test('need a module that the product has', async () => {
      const { url: FirmwareUrl } = await world.newUpload();
      const package1 = { FirmwareUrl, ModuleName: 'MCU' };
      expect(await refused(package1)).toBe('module.notFound');
      await world.call('CreateOTAModule', { ProductKey: await world.newProduct('door'), ModuleName: 'MCU' });
      expect(await refused(package1)).toBe('module.notFound');
      await world.call('CreateOTAModule', { ProductKey: key, ModuleName: 'MCU' });
      expect(await refused({ ...package1, ModuleName: 'mcu' })).toBe('module.notFound');
      expect(await refused({ ...package1, ModuleName: 'M C U' })).toBe('ota.malformedModuleName');
      // a package without a product has no modules to be for
      expect(await refused({ ...package1, ProductKey: undefined })).toBe('module.notFound');
      expect(await details(await create(package1))).toMatchObject({ ModuleName: 'MCU', ProductKey: key });
    });

    test('are of the module default when none is named', async () => {
      for (const [index, ModuleName] of [undefined, '', 'default'].entries()) {
        const { url: FirmwareUrl } = await world.newUpload();
        const id = await create({ FirmwareName: `fw-${index}`, FirmwareUrl, ModuleName });
        expect(await details(id)).toMatchObject({ ModuleName: 'default' });
      }
    });
  });

  describe('ModifyOTAFirmware', () => {
    let id: string;
    beforeEach(async () => {
      const { url: FirmwareUrl } = await world.newUpload();
      id = await create({ FirmwareUrl, FirmwareDesc: 'old', Udi: 'old' });
      await world.clock.advance(1_000);
    });
    const modify = (changes: object) =>
      world.call('ModifyOTAFirmware', { FirmwareId: id, ProductKey: key, ...changes });

    test('changes what is given and leaves the rest', async () => {
      const before = await details(id);
      expect(await modify({ FirmwareName: '新名' })).toEqual({});
      const renamed = { ...before, FirmwareName: '新名', UtcModified: '2030-01-01T00:00:01.000Z' };
      expect(await details(id)).toEqual({ ...renamed, FirmwareUrl: expect.any(String) });
      await modify({ FirmwareDesc: 'new', FirmwareUdi: '{"a":1}' });
      expect(await details(id)).toMatchObject({ FirmwareName: '新名', FirmwareDesc: 'new', Udi: '{"a":1}' });
      await modify({ FirmwareDesc: '', FirmwareUdi: '' });
      expect(await details(id)).toMatchObject({ FirmwareName: '新名', FirmwareDesc: '', Udi: '' });
      // its own name is not taken
      await modify({ FirmwareName: '新名' });
    });

    test.each([
      ['ota.firmwareNotFound', { FirmwareId: 'nothing' }],
      ['ota.firmwareProductMismatch', { ProductKey: 'a1Unknown01' }],
      ['firmware.malformedName', { FirmwareName: '' }],
      ['firmware.malformedName', { FirmwareName: '-fw' }],
      ['firmware.malformedName', { FirmwareName: 'a'.repeat(41) }],
      ['firmware.longDescription', { FirmwareDesc: '灯'.repeat(101) }],
      ['firmware.longUdi', { FirmwareUdi: 'x'.repeat(4_097) }],
      ['common.invalidParameter', { FirmwareUdi: '\0' }],
      ['common.invalidParameter', { FirmwareDesc: '\ud800' }],
    ])('is refused with %s for %j', async (refusal, wrong) => {
      const request = { FirmwareId: id, ProductKey: key, ...wrong };
      expect(await world.refused('ModifyOTAFirmware', request)).toBe(refusal);
      expect(await details(id)).toMatchObject({ FirmwareName: 'fw-a', FirmwareDesc: 'old', Udi: 'old' });
    });

    test('does not give a name twice, nor change what another account has', async () => {
      const { url: FirmwareUrl } = await world.newUpload();
      await create({ FirmwareName: 'fw-b', FirmwareUrl });
      const request = { FirmwareId: id, ProductKey: key, FirmwareName: 'fw-b' };
      expect(await world.refused('ModifyOTAFirmware', request)).toBe('firmware.nameTaken');
      const stranger = await newScope(world.deps);
      expect(await world.refused('ModifyOTAFirmware', request, stranger)).toBe('ota.firmwareNotFound');
    });
  });

  test('GenerateDeviceNameListURL hands out a form under its own member names', async () => {
    const { Data } = await world.call('GenerateDeviceNameListURL', {});
    expect(Object.keys(Data).sort()).toEqual(
      ['Host', 'Key', 'AccessKeyId', 'Signature', 'Policy', 'ObjectStorage', 'FileUrl', 'UtcCreate'].sort(),
    );
    expect(Data.Key).toMatch(/^ota\/[0-9a-f]{32}\/ck[0-9a-z]{23}\.csv$/);
    expect(Data.FileUrl).toBe(`${Data.Host}/${Data.Key}`);
    const policy = JSON.parse(Buffer.from(Data.Policy, 'base64').toString()) as { conditions: unknown[] };
    expect(policy.conditions).toContainEqual(['content-length-range', 0, 40 * 1024 * 1024]);
  });
});
