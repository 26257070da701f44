import { newDevice, newProduct, type Refuser, refuseDevices, refuseProducts } from './refuser.ts';

export async function refusalsOfModules(refuser: Refuser): Promise<void> {
  const { world, refuse } = refuser;
  const productKey = await newProduct(refuser);
  await newDevice(refuser, productKey, 'device-1');
  const module = { ProductKey: productKey, ModuleName: 'arm' };
  await world.call('CreateOTAModule', module);

  for (const action of ['CreateOTAModule', 'UpdateOTAModule', 'DeleteOTAModule']) {
    await refuseProducts(refuser, action, { ModuleName: 'arm' });
    await refuse('an empty name', action, { ...module, ModuleName: '' });
    await refuse('a malformed name', action, { ...module, ModuleName: 'two words' });
  }
  const unreadable = { ...module, Desc: '\u0001' };
  await refuse('a character that XML cannot carry', 'CreateOTAModule', { ...unreadable, ModuleName: 'leg' });
  await refuse('a character that XML cannot carry', 'UpdateOTAModule', unreadable);
  await refuse('a malformed alias', 'UpdateOTAModule', { ...module, AliasName: 'two words' });
  await refuse('a long description', 'UpdateOTAModule', { ...module, Desc: 'x'.repeat(101) });

  await refuseProducts(refuser, 'ListOTAModuleByProduct');
  const page = { CurrentPage: '1', PageSize: '10' };
  await refuseDevices(refuser, 'ListOTAModuleVersionsByDevice', { productKey, rest: page });
  await refuse('an IotId that is none', 'ListOTAModuleVersionsByDevice', { ...page, IotId: 'nothing' });
}
