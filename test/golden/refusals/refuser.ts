import type { ApiWorld, CallOptions, Parameters } from '../api-world.ts';
import { member } from '../story.ts';

/** Calls that are refused, whose answers are kept. */
export interface Refuser {
  readonly world: ApiWorld;
  /** Fails the test when the call succeeds. */
  refuse(what: string, action: string, parameters: Parameters, options?: CallOptions): Promise<void>;
}

/** Has the form of a product's key and is nobody's. */
export const UNKNOWN_PRODUCT = 'a1Unknown01';

/** A parameter list of `count` values, `Name.1` to `Name.count`. */
export const listOf = (name: string, count: number, value: (index: number) => string): Parameters =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}.${index + 1}`, value(index)]));

export async function newProduct({ world }: Pick<Refuser, 'world'>, name = 'product'): Promise<string> {
  return member(await world.call('CreateProduct', { ProductName: name, NodeType: '0' }), 'ProductKey');
}

/** @returns its IotId */
export async function newDevice({ world }: Pick<Refuser, 'world'>, productKey: string, name: string): Promise<string> {
  return member(await world.call('RegisterDevice', { ProductKey: productKey, DeviceName: name }), 'IotId');
}

/** @returns the address of a file that was uploaded */
export async function uploaded({ world }: Pick<Refuser, 'world'>, bytes: string): Promise<string> {
  const grant = await world.call('GenerateOTAUploadURL', {});
  await world.upload(member(grant, 'Key'), bytes);
  return member(grant, 'FirmwareUrl');
}

/** @returns the id of a package that needs no verification, unless `more` says so */
export async function newPackage(refuser: Pick<Refuser, 'world'>, more: Parameters): Promise<string> {
  const parameters = {
    FirmwareName: 'package',
    DestVersion: '2.0.0',
    FirmwareUrl: await uploaded(refuser, 'bytes'),
    NeedToVerify: 'false',
    ...more,
  };
  return member(await refuser.world.call('CreateOTAFirmware', parameters), 'FirmwareId');
}

/** The ways in which a product can be named wrongly. */
export async function refuseProducts({ refuse }: Refuser, action: string, rest: Parameters = {}): Promise<void> {
  await refuse('an empty ProductKey', action, { ...rest, ProductKey: '' });
  await refuse('a malformed ProductKey', action, { ...rest, ProductKey: 'a1' });
  await refuse('an unknown product', action, { ...rest, ProductKey: UNKNOWN_PRODUCT });
}

/**
 * The ways in which a device can be named wrongly.
 * @param prefix of the parameters, where the device is an entry of a list
 */
export async function refuseDevices(
  { refuse }: Refuser,
  action: string,
  { productKey, rest = {}, prefix = '' }: { productKey: string; rest?: Parameters; prefix?: string },
): Promise<void> {
  const named = (key: string, name: string) => ({
    ...rest,
    [`${prefix}ProductKey`]: key,
    [`${prefix}DeviceName`]: name,
  });
  await refuse('an empty ProductKey', action, named('', 'nobody'));
  await refuse('a malformed ProductKey', action, named('a1', 'nobody'));
  await refuse('an unknown product', action, named(UNKNOWN_PRODUCT, 'nobody'));
  await refuse('an empty name', action, named(productKey, ''));
  await refuse('a malformed name', action, named(productKey, 'n'));
  await refuse('an unknown device', action, named(productKey, 'nobody'));
}
