import type { Teller } from './story-tasks.ts';

/** What is left of the story, seen from above. */
export async function tellOfOverview({ world, productKey, call }: Pick<Teller, 'world' | 'productKey' | 'call'>) {
  const { stranger, powerless } = world.keys;
  const page = { CurrentPage: '1', PageSize: '3' };

  await call('the newest', 'ListOTAJob', page);
  await call('those that run, of a product', 'ListOTAJob', {
    ...page,
    'JobStatus.1': 'IN_PROGRESS',
    'JobStatus.2': 'PLANNED',
    JobType: 'UPGRADE_FIRMWARE',
    SelectionType: 'STATIC',
    ProductKey: productKey,
  });
  await call('a job that nobody knows', 'ListOTAJob', { ...page, JobId: 'nothing' });
  await call('of a package that nobody knows', 'ListOTAJob', { ...page, FirmwareId: 'nothing' });
  await call("another account's", 'ListOTAJob', page, { as: stranger });
  await call('a state that is none', 'ListOTAJob', { ...page, 'JobStatus.1': 'RUNNING' });
  await call('a page that is too large', 'ListOTAJob', { ...page, PageSize: '101' });

  await call('of the account', 'QueryOTAOverview', {});
  await call('of an empty account', 'QueryOTAOverview', {}, { as: stranger });
  await call('without the right to it', 'QueryOTAOverview', {}, { as: powerless });

  const ofProduct = { ProductKey: productKey };
  await call('all modules of a product', 'ListOTAVersionDistribution', ofProduct);
  await call('a module, the most frequent version', 'ListOTAVersionDistribution', {
    ...ofProduct,
    ModuleName: 'default',
    MaxVersions: '1',
  });
  await call("another account's product", 'ListOTAVersionDistribution', ofProduct, { as: stranger });
  await call('an empty ProductKey', 'ListOTAVersionDistribution', { ProductKey: '' });
  await call('a malformed ProductKey', 'ListOTAVersionDistribution', { ProductKey: 'a1' });
  await call('too many versions', 'ListOTAVersionDistribution', { ...ofProduct, MaxVersions: '101' });
}
