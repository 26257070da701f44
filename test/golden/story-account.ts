import { member, type Story, teller } from './story.ts';

/** What an account is shown of itself: who changed what, and how much of its limits is used. */
export const tellOfAccount: Story = async (world, kept) => {
  const call = teller(world, kept);
  const { stranger, powerless, root } = world.keys;
  await call('nothing yet', 'ListAuditRecords', {});
  await call('of an empty instance', 'ListQuotas', {});

  const made = await world.call('CreateProduct', { ProductName: '灯_lamp', NodeType: '0' });
  const productKey = member(made, 'ProductKey');
  await world.call('CreateProduct', { ProductName: '灯_lamp', NodeType: '0' });
  await world.call('RegisterDevice', { ProductKey: productKey, DeviceName: 'lamp <1>' });
  const before = world.clock.now();
  await world.call('RegisterDevice', { ProductKey: productKey, DeviceName: 'lamp-1' });
  await world.call('RegisterDevice', { ProductKey: productKey, DeviceName: 'lamp-2' }, { as: powerless });
  await world.call('CreateProduct', { ProductName: 'theirs', NodeType: '0' }, { as: stranger });

  await call('newest first', 'ListAuditRecords', {});
  const first = await call('a page', 'ListAuditRecords', { PageSize: '2' });
  const next = { PageSize: '2', NextToken: member(first, 'NextToken') };
  await call('the page after it', 'ListAuditRecords', next);
  await call('what was refused', 'ListAuditRecords', { Result: 'Refused' });
  await call('of a result', 'ListAuditRecords', { Result: 'iot.prod.AlreadyExistedProductName' });
  await call('of a user', 'ListAuditRecords', { User: 'powerless' });
  await call('of a key', 'ListAuditRecords', { KeyId: root.accessKeyId, ActionName: 'CreateProduct' });
  await call('of a time', 'ListAuditRecords', { StartTime: String(before), EndTime: String(before + 1_001) });
  await call('about a product', 'ListAuditRecords', { Target: productKey, Result: 'Success' });
  await call("another account's", 'ListAuditRecords', {}, { as: stranger });
  await call('with a token of another account', 'ListAuditRecords', next, { as: stranger });
  await call('by a user without rights', 'ListAuditRecords', {}, { as: powerless });

  await call('that are used', 'ListQuotas', {});
  await call('of a product', 'ListQuotas', { ProductKey: productKey });
  await call("of another account's product", 'ListQuotas', { ProductKey: productKey }, { as: stranger });
  await call('by a user without rights', 'ListQuotas', {}, { as: powerless });
};
