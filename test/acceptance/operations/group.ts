import { type Operation, type Tree, textAt, UNKNOWN_PRODUCT, type Via, type World } from './operation.ts';

const nothing = { GroupId: 'nothing' };
const unknown = { refused: () => nothing, code: 'iot.group.NotExistedGroup' };
const own = (world: World, via: Via) => ({ GroupId: world[via]['group'] });
const members = ({ v3 }: World): Tree => ({
  Device: [
    { ProductKey: v3['product'], DeviceName: 'device-v1' },
    { ProductKey: v3['product'], DeviceName: 'device-v3' },
  ],
});

const atShared = (action: string): Operation => ({
  action,
  good: (world) => own(world, 'v3'),
  same: true,
  ...unknown,
});

export const groupOperations: readonly Operation[] = [
  {
    action: 'CreateDeviceGroup',
    good: (_, via) => ({ GroupName: `group_${via}`, GroupDesc: '所有的灯' }),
    keep: (answer) => ({ group: textAt(answer, 'Data', 'GroupId') }),
    refused: () => ({ GroupName: 'group_v1' }),
    code: 'iot.group.GroupNameExisted',
  },
  {
    action: 'BatchAddDeviceGroupRelations',
    good: (world, via) => ({ ...own(world, via), ...members(world) }),
    refused: (world) => ({ ...nothing, ...members(world) }),
    code: 'iot.group.NotExistedGroup',
  },
  {
    action: 'QueryDeviceGroupList',
    good: () => ({ PageSize: 10 }),
    same: true,
    refused: () => ({ PageSize: 201 }),
    code: 'iot.common.InvalidPageParams',
  },
  atShared('QueryDeviceListByDeviceGroup'),
  {
    action: 'UpdateDeviceGroup',
    good: (world, via) => ({ ...own(world, via), GroupDesc: 'lamps' }),
    refused: () => ({ ...nothing, GroupDesc: 'lamps' }),
    code: 'iot.group.NotExistedGroup',
  },
  atShared('QueryDeviceGroupInfo'),
  atShared('QuerySuperDeviceGroup'),
  {
    action: 'QueryDeviceGroupByDevice',
    good: ({ v3 }) => ({ ProductKey: v3['product'], DeviceName: 'device-v3' }),
    same: true,
    refused: () => ({ ProductKey: UNKNOWN_PRODUCT, DeviceName: 'nobody' }),
    code: 'iot.prod.NotExistedProduct',
  },
  {
    action: 'BatchDeleteDeviceGroupRelations',
    good: (world, via) => ({ ...own(world, via), ...members(world) }),
    refused: (world) => ({ ...nothing, ...members(world) }),
    code: 'iot.group.NotExistedGroup',
  },
  { action: 'DeleteDeviceGroup', good: own, ...unknown },
  {
    action: 'CreateDeviceDynamicGroup',
    good: ({ v3 }, via) => ({ GroupName: `found_${via}`, DynamicGroupExpression: `product_key = "${v3['product']}"` }),
    keep: (answer) => ({ dynamicGroup: textAt(answer, 'Data', 'GroupId') }),
    refused: () => ({ GroupName: 'found', DynamicGroupExpression: 'color = "red"' }),
    code: 'iot.devicesearch.FieldError',
  },
  {
    action: 'QueryDynamicGroupDevices',
    good: ({ v3 }) => ({ GroupId: v3['dynamicGroup'], PageSize: 2 }),
    same: true,
    ...unknown,
  },
  {
    action: 'DeleteDeviceDynamicGroup',
    good: (world, via) => ({ GroupId: world[via]['dynamicGroup'] }),
    ...unknown,
  },
];
