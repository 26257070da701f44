import type { Teller } from './story-tasks.ts';

/** A product whose devices have parts of their own: modules, packages of several files, what devices report. */
export async function tellOfModules({ world, call, member }: Pick<Teller, 'world' | 'call' | 'member'>): Promise<void> {
  const { stranger } = world.keys;
  const productKey = member(await world.call('CreateProduct', { ProductName: 'robot', NodeType: '0' }), 'ProductKey');
  const iotId = member(await world.call('RegisterDevice', { ProductKey: productKey, DeviceName: 'robot-1' }), 'IotId');

  const module = (name: string) => ({ ProductKey: productKey, ModuleName: name });
  await call('of a product without custom modules', 'ListOTAModuleByProduct', { ProductKey: productKey });
  await call('a module', 'CreateOTAModule', { ...module('arm'), AliasName: '机械臂', Desc: 'left & <right>' });
  await call('another letter case of a name', 'CreateOTAModule', module('ARM'));
  await call('the built-in name', 'CreateOTAModule', module('default'));
  await call('a malformed name', 'CreateOTAModule', module('two words'));
  await call('a malformed alias', 'CreateOTAModule', { ...module('eye'), AliasName: 'two words' });
  await call('a long description', 'CreateOTAModule', { ...module('eye'), Desc: 'x'.repeat(101) });
  await call("of another account's product", 'CreateOTAModule', module('eye'), { as: stranger });
  await call('without a name', 'CreateOTAModule', { ProductKey: productKey });
  for (let number = 1; number < 10; number += 1) await world.call('CreateOTAModule', module(`m${number}`));
  await call('one too many', 'CreateOTAModule', module('eye'));
  for (let number = 2; number < 10; number += 1) await world.call('DeleteOTAModule', module(`m${number}`));
  await call('its description', 'UpdateOTAModule', { ...module('arm'), Desc: 'both arms' });
  await call('an unknown one', 'UpdateOTAModule', { ...module('eye'), Desc: 'both eyes' });
  await call('the built-in one', 'UpdateOTAModule', { ...module('default'), Desc: 'all of it' });
  await call('the list', 'ListOTAModuleByProduct', { ProductKey: productKey });
  await call('of an unknown product', 'ListOTAModuleByProduct', { ProductKey: 'a1Unknown01' });

  const upload = async (bytes: string) => {
    const grant = await world.call('GenerateOTAUploadURL', {});
    await world.upload(member(grant, 'Key'), bytes);
    return member(grant, 'FirmwareUrl');
  };
  const files = {
    'MultiFiles.1.Name': '程序.bin',
    'MultiFiles.1.Url': await upload('the program of the arm'),
    'MultiFiles.2.Name': 'data & more.bin',
    'MultiFiles.2.Url': await upload('its tables'),
    'MultiFiles.2.Size': '10',
  };
  const firmware = { FirmwareName: 'arm-2', DestVersion: '2.0.0', ...module('arm'), SignMethod: 'SHA256' };
  await call('a file of another size', 'CreateOTAFirmware', { ...firmware, ...files, 'MultiFiles.2.Size': '11' });
  const created = await call('of two files, for a module', 'CreateOTAFirmware', { ...firmware, ...files });
  const firmwareId = member(created, 'FirmwareId');
  const more = { ...firmware, FirmwareName: 'arm-3', ...files };
  await call('files and a single file', 'CreateOTAFirmware', { ...more, FirmwareUrl: files['MultiFiles.1.Url'] });
  await call('two files of one name', 'CreateOTAFirmware', { ...more, 'MultiFiles.2.Name': '程序.bin' });
  await call('for an unknown module', 'CreateOTAFirmware', { ...more, ModuleName: 'eye' });
  await call('a file without a name', 'CreateOTAFirmware', { ...firmware, 'MultiFiles.1.Url': await upload('x') });
  await call('of several files', 'QueryOTAFirmware', { FirmwareId: firmwareId });
  await call('with a package of several files', 'ListOTAFirmware', {
    CurrentPage: '1',
    PageSize: '10',
    ProductKey: productKey,
  });

  const named = { FirmwareId: firmwareId, ProductKey: productKey };
  await call('name and custom information', 'ModifyOTAFirmware', {
    ...named,
    FirmwareName: 'arm-2-b',
    FirmwareUdi: '{"a":1}',
  });
  await call('an unknown one', 'ModifyOTAFirmware', { ...named, FirmwareId: 'nothing', FirmwareDesc: 'x' });
  await call('of another product', 'ModifyOTAFirmware', { ...named, ProductKey: 'a1Unknown01', FirmwareDesc: 'x' });
  await call('a malformed name', 'ModifyOTAFirmware', { ...named, FirmwareName: '-' });
  await call('a name that is taken', 'ModifyOTAFirmware', { ...named, FirmwareName: 'lamp-1_2' });
  await call('a long description', 'ModifyOTAFirmware', { ...named, FirmwareDesc: 'x'.repeat(101) });
  await call('too much custom information', 'ModifyOTAFirmware', { ...named, FirmwareUdi: 'x'.repeat(4_097) });

  await call('with a package', 'DeleteOTAModule', module('arm'));
  await call('the built-in one', 'DeleteOTAModule', module('default'));
  await call('one without packages', 'DeleteOTAModule', module('m1'));
  await call('the same again', 'DeleteOTAModule', module('m1'));

  const robot = world.device(productKey, 'robot-1', iotId);
  for (const [name, version] of [
    ['default', '1.0.0'],
    ['arm', '1.9.0'],
  ] as const) {
    await world.devices.report(robot, { kind: 'inform', id: '1', module: name, version });
  }
  const page = { CurrentPage: '1', PageSize: '10' };
  await call('by IotId', 'ListOTAModuleVersionsByDevice', { IotId: iotId, ...page });
  await call('by names, the second page', 'ListOTAModuleVersionsByDevice', {
    ProductKey: productKey,
    DeviceName: 'robot-1',
    CurrentPage: '2',
    PageSize: '1',
  });
  await call('of an unknown device', 'ListOTAModuleVersionsByDevice', {
    ProductKey: productKey,
    DeviceName: 'nobody',
    ...page,
  });
  await call('a page that is too large', 'ListOTAModuleVersionsByDevice', {
    IotId: iotId,
    CurrentPage: '1',
    PageSize: '201',
  });

  await call('for a list of device names', 'GenerateDeviceNameListURL', {});
  await call('in an instance that is none', 'GenerateDeviceNameListURL', { IotInstanceId: 'iot-nothing' });
}
