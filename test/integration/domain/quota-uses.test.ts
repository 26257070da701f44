import { expect, it } from 'vitest';
import { createConsumerGroup } from '../../../src/domain/consumer-groups.ts';
import { quotasOfInstance, quotasOfProduct } from '../../../src/domain/quota-uses.ts';
import { addWebhook } from '../../../src/domain/webhooks.ts';
import { eachEngine } from '../../support/engines.ts';
import { createWorld, newScope } from '../actions/world.ts';

eachEngine('the use of limits', (database) => {
  it('is what refuses the next one, for an instance and for a product of it', async () => {
    const { deps, scope, limit, ...world } = await createWorld(database);
    const used = (uses: Awaited<ReturnType<typeof quotasOfInstance>>) =>
      Object.fromEntries(uses.map(({ name, used }) => [name, used]));
    const none = { Products: 0, Packages: 0, DeviceGroups: 0, DynamicGroups: 0, ConsumerGroups: 0, Webhooks: 0 };
    expect(used(await quotasOfInstance(deps, scope))).toEqual(none);

    const ProductKey = await world.newProduct();
    await world.newProduct();
    await world.newDevice(ProductKey);
    await world.newGroup();
    await createConsumerGroup(deps, scope, 'bills');
    await addWebhook(deps, scope, { url: 'https://example.com/', types: ['*'], products: [], description: '' });
    await world.call('CreateOTAModule', { ProductKey, ModuleName: 'mcu' });
    const stranger = await newScope(deps);
    expect(used(await quotasOfInstance(deps, stranger))).toEqual(none);
    const uses = await quotasOfInstance(deps, scope);
    expect(used(uses)).toEqual({ ...none, Products: 2, DeviceGroups: 1, ConsumerGroups: 1, Webhooks: 1 });
    const ofProduct = { DevicesOfProduct: 1, ModulesOfProduct: 1, ConsumerGroupsOfProduct: 0 };
    expect(used(await quotasOfProduct(deps, scope, ProductKey))).toEqual(ofProduct);
    await expect(quotasOfProduct(deps, stranger, ProductKey)).rejects.toMatchObject({ key: 'product.notFound' });

    limit({ products: 2, groups: 1, consumerGroups: 1, modulesPerProduct: 1 });
    for (const { name, limit: most, used: count } of await quotasOfInstance(deps, scope))
      if (['Products', 'DeviceGroups', 'ConsumerGroups'].includes(name)) expect(count, name).toBe(most);
    expect(await world.refused('CreateProduct', { ProductName: 'third', NodeType: 0 })).toBe('product.countExceeded');
    expect(await world.refused('CreateDeviceGroup', { GroupName: 'second' })).toBe('group.countExceeded');
    expect(await world.refused('CreateConsumerGroup', { GroupName: 'second' })).toBe('consumerGroup.countExceeded');
    expect(await world.refused('CreateOTAModule', { ProductKey, ModuleName: 'wifi' })).toBe('module.countExceeded');
  });
});
