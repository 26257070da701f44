import { newPackage, newProduct, type Refuser, UNKNOWN_PRODUCT, uploaded } from './refuser.ts';

export async function refusalsOfPackages(refuser: Refuser): Promise<void> {
  const { refuse } = refuser;
  const productKey = await newProduct(refuser);
  const firmwareId = await newPackage(refuser, { ProductKey: productKey });
  const fresh = {
    FirmwareName: 'fresh',
    DestVersion: '2.0.0',
    ProductKey: productKey,
    FirmwareUrl: await uploaded(refuser, 'bytes'),
  };
  const create = (what: string, changed: Readonly<Record<string, string>>) =>
    refuse(what, 'CreateOTAFirmware', { ...fresh, ...changed });

  // the address of a package is a part of what devices are told, whose length is limited
  await refuse('an address that is too long', 'GenerateOTAUploadURL', {}, { publicUrl: `https://${'x'.repeat(200)}` });

  await create('a malformed name', { FirmwareName: '-' });
  await create('a long description', { FirmwareDesc: 'x'.repeat(101) });
  await create('too much custom information', { Udi: 'x'.repeat(4_097) });
  await create('a character that XML cannot carry', { FirmwareDesc: '\u0001' });
  await create('an empty address', { FirmwareUrl: '' });
  await create('an address that is none', { FirmwareUrl: 'nothing' });
  await create('an empty file', { FirmwareUrl: await uploaded(refuser, '') });
  await create('another digest', { FirmwareSign: '0'.repeat(32) });
  await create('a digest that is none', { SignMethod: 'CRC' });
  await create('a type that is none', { Type: '2' });
  await create('a differential one without its source', { Type: '1' });
  await create('from a version to itself', { Type: '1', SrcVersion: '2.0.0' });
  await create('a malformed module', { ModuleName: 'two words' });
  await create('of an unknown product', { ProductKey: UNKNOWN_PRODUCT });
  await refuse('one too many', 'CreateOTAFirmware', fresh, { limits: { packages: 1 } });

  await refuse('a character that XML cannot carry', 'ModifyOTAFirmware', {
    FirmwareId: firmwareId,
    ProductKey: productKey,
    FirmwareDesc: '\u0001',
  });
  await refuse('of an unknown product', 'ListOTAFirmware', {
    CurrentPage: '1',
    PageSize: '10',
    ProductKey: UNKNOWN_PRODUCT,
  });
}
