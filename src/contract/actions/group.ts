import { action } from '../action.ts';
import { bool, int, list, object, required, text, wrapped } from '../schema.ts';
import { instance, searchErrors } from './parts.ts';

const page = {
  CurrentPage: int('Page number, from 1 (default).'),
  PageSize: int('Rows on a page, 1-200; 10 when left out.'),
};

const groupMembers = {
  GroupId: required(text('ID of the group.')),
  GroupName: required(text('Name.')),
  GroupDesc: required(text('Description.')),
  UtcCreate: required(text('Time of creation.')),
};

const members = required(
  list(
    object({
      ProductKey: required(text('Product of the device.')),
      DeviceName: required(text('Name of the device.')),
    }),
    10_000,
    '1-200 devices.',
  ),
);

/** A group of a list that also tells the kind. */
const typedGroup = object({
  ...groupMembers,
  GroupType: required(text('LINK_PLATFORM: a static group. LINK_PLATFORM_DYNAMIC: a dynamic one.')),
});

const groupType = text('LINK_PLATFORM_DYNAMIC for a dynamic group; a static one when left out.');

export const groupActions = [
  action({
    name: 'CreateDeviceGroup',
    family: 'group',
    summary: 'Creates a group with a fixed list of devices.',
    qps: 500,
    changes: ['GroupName', 'SuperGroupId'],
    request: {
      GroupName: required(
        text('4-30 of Chinese characters (each counts 2), letters, digits, `_`; unique in the instance.'),
      ),
      GroupDesc: text('At most 100 characters.'),
      SuperGroupId: text('Group to create it in; groups nest in at most three levels.'),
      ...instance,
    },
    response: { Data: required(object(groupMembers)) },
    errors: [
      'group.invalidName',
      'group.nameTaken',
      'group.longDescription',
      'group.notFound',
      'group.countExceeded',
      'group.tooDeep',
      'group.unfitParent',
      'common.invalidParameter',
    ],
  }),
  action({
    name: 'BatchAddDeviceGroupRelations',
    family: 'group',
    summary: 'Adds devices to a group; unknown devices are left out.',
    qps: 500,
    changes: ['GroupId', 'Device'],
    request: {
      GroupId: required(text('ID of the group.')),
      Device: members,
      ...instance,
    },
    response: {
      ValidDeviceCount: required(int('Given devices that exist.')),
      SuccessAddedDeviceCount: required(int('Devices that were added.')),
      AlreadyRelatedGroupDeviceCount: required(int('Devices that were in the group before.')),
      ExceedTenGroupDeviceCount: required(int('Devices that are in as many other groups as a device may be.')),
      ErrorMessage: required(text('The same in one sentence, on success too.')),
    },
    errors: [
      'group.nullId',
      'group.notFound',
      'group.bindFailed',
      'product.nullKey',
      'product.malformedKey',
      'device.nullName',
      'device.malformedName',
      'device.tooManyNames',
    ],
  }),
  action({
    name: 'QueryDeviceGroupList',
    family: 'group',
    summary: 'Lists groups, newest first.',
    qps: 100,
    changes: false,
    request: {
      ...page,
      GroupName: text('Only the group of exactly this name.'),
      SuperGroupId: text('Only groups directly in this one.'),
      GroupTypes: list(text('LINK_PLATFORM or LINK_PLATFORM_DYNAMIC.'), 10, 'At most 2; static groups when left out.'),
      ...instance,
    },
    response: {
      CurrentPage: required(int('Echo.')),
      PageCount: required(int('Number of pages.')),
      PageSize: required(int('Echo.')),
      Total: required(int('Number of groups in all.')),
      Data: required(wrapped('GroupInfo', typedGroup)),
    },
    errors: ['common.invalidPage', 'common.invalidParameter', 'group.notFound'],
  }),
  action({
    name: 'QueryDeviceListByDeviceGroup',
    family: 'group',
    summary: 'Lists the devices of a group, newest first.',
    qps: 5,
    changes: false,
    request: { GroupId: required(text('ID of the group.')), ...page, ...instance },
    response: {
      Page: required(int('Echo of CurrentPage.')),
      PageCount: required(int('Number of pages.')),
      PageSize: required(int('Echo.')),
      Total: required(int('Number of devices in the group.')),
      Data: required(
        wrapped(
          'SimpleDeviceInfo',
          object({
            IotId: required(text('ID of the device.')),
            ProductKey: required(text('Product.')),
            ProductName: required(text('Name of the product.')),
            DeviceName: required(text('Name.')),
          }),
        ),
      ),
    },
    errors: ['group.nullId', 'group.notFound', 'common.invalidPage'],
  }),
  action({
    name: 'UpdateDeviceGroup',
    family: 'group',
    summary: 'Changes the description of a group; its name and its rule cannot change.',
    qps: 50,
    changes: ['GroupId'],
    request: {
      GroupId: required(text('ID of the group.')),
      GroupDesc: text('At most 100 characters; empty to clear it, left out to keep it.'),
      GroupType: groupType,
      ...instance,
    },
    response: {},
    errors: ['group.nullId', 'group.notFound', 'group.longDescription', 'common.invalidParameter'],
  }),
  action({
    name: 'DeleteDeviceGroup',
    family: 'group',
    summary: 'Deletes a static group without groups in it; its devices stay.',
    qps: 500,
    changes: ['GroupId'],
    request: { GroupId: required(text('ID of the group.')), ...instance },
    response: {},
    errors: ['group.nullId', 'group.notFound', 'group.hasSubgroups'],
  }),
  action({
    name: 'QueryDeviceGroupInfo',
    family: 'group',
    summary: 'Details of a group and the counts of the devices directly in it, or found by its rule.',
    qps: 30,
    changes: false,
    request: { GroupId: required(text('ID of the group.')), GroupType: groupType, ...instance },
    response: {
      Data: required(
        object({
          ...groupMembers,
          DynamicGroupExpression: required(text('Rule of a dynamic group; empty for a static one.')),
          DeviceCount: required(int('Number of devices.')),
          DeviceActive: required(int('Those that have connected at least once.')),
          DeviceOnline: required(int('Those that are connected.')),
        }),
      ),
    },
    errors: ['group.nullId', 'group.notFound', 'common.invalidParameter'],
  }),
  action({
    name: 'BatchDeleteDeviceGroupRelations',
    family: 'group',
    summary: 'Takes devices out of a group; unknown devices are left out.',
    qps: 50,
    changes: ['GroupId', 'Device'],
    request: { GroupId: required(text('ID of the group.')), Device: members, ...instance },
    response: {
      ValidDeviceCount: required(int('Given devices that exist.')),
      SuccessDeviceCount: required(int('Devices that were taken out.')),
      AlreadyRelatedGroupDeviceCount: required(int('Devices that were in the group before.')),
    },
    errors: [
      'group.nullId',
      'group.notFound',
      'product.nullKey',
      'product.malformedKey',
      'device.nullName',
      'device.malformedName',
      'device.tooManyNames',
    ],
  }),
  action({
    name: 'QuerySuperDeviceGroup',
    family: 'group',
    summary: 'Tells the group that a group is directly in.',
    qps: 10,
    changes: false,
    request: { GroupId: required(text('ID of the group.')), ...instance },
    response: {
      Data: required(
        wrapped(
          'GroupInfo',
          object({
            GroupId: required(text('ID of the group.')),
            GroupName: required(text('Name.')),
            GroupDesc: required(text('Description.')),
          }),
        ),
      ),
    },
    errors: ['group.nullId', 'group.notFound'],
  }),
  action({
    name: 'QueryDeviceGroupByDevice',
    family: 'group',
    summary: 'Lists the groups that a device is directly in or whose rules find it, newest first.',
    qps: 50,
    changes: false,
    request: {
      ProductKey: required(text('Product of the device.')),
      DeviceName: required(text('Name of the device.')),
      ...instance,
    },
    response: { GroupInfos: required(wrapped('GroupInfo', typedGroup)) },
    errors: [
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'device.nullName',
      'device.malformedName',
      'device.notFound',
    ],
  }),
  action({
    name: 'CreateDeviceDynamicGroup',
    family: 'group',
    summary: 'Creates a group of all devices that a rule finds, now and later.',
    qps: 1,
    changes: ['GroupName'],
    request: {
      GroupName: required(
        text('4-30 of Chinese characters (each counts 2), letters, digits, `_`; unique in the instance.'),
      ),
      DynamicGroupExpression: required(
        text('Conditions joined by AND and OR, such as `product_key = "a1…" and ota_module.version = "1.0"`.'),
      ),
      GroupDesc: text('At most 100 characters.'),
      ...instance,
    },
    response: {
      Data: required(object({ ...groupMembers, DynamicGroupExpression: required(text('The rule as it was given.')) })),
    },
    errors: [
      'group.invalidName',
      'group.nameTaken',
      'group.longDescription',
      'group.countExceeded',
      'common.invalidParameter',
      ...searchErrors,
    ],
  }),
  action({
    name: 'DeleteDeviceDynamicGroup',
    family: 'group',
    summary: 'Deletes a dynamic group; its devices and their tasks stay.',
    qps: 50,
    changes: ['GroupId'],
    request: { GroupId: required(text('ID of the group.')), ...instance },
    response: {},
    errors: ['group.nullId', 'group.notFound'],
  }),
  action({
    name: 'QueryDynamicGroupDevices',
    family: 'group',
    summary: 'Lists the devices that the rule of a dynamic group finds, newest first.',
    qps: 50,
    changes: false,
    request: {
      GroupId: required(text('ID of the group.')),
      ...page,
      NextToken: text('Token of the page before; the page number then does not count.'),
      ProductKey: text('Only devices of this product.'),
      DeviceName: text('Only the device of this name.'),
      FuzzyName: bool('true: all devices whose names begin with DeviceName, which then has more than 4 characters.'),
      Status: text('Only devices that are ONLINE, OFFLINE, UNACTIVE or DISABLE.'),
      ...instance,
    },
    response: {
      Page: required(int('Echo of CurrentPage.')),
      PageCount: required(int('Number of pages.')),
      PageSize: required(int('Echo.')),
      Total: required(int('Number of devices in all.')),
      NextToken: required(text('Leads to the next page; empty on the last one.')),
      Data: required(
        wrapped(
          'SimpleDeviceInfo',
          object({
            IotId: required(text('ID of the device.')),
            ProductKey: required(text('Product.')),
            ProductName: required(text('Name of the product.')),
            CategoryKey: required(text('Category of the product; may be empty.')),
            NodeType: required(int('0 device, 1 gateway.')),
            DeviceName: required(text('Name.')),
            Nickname: required(text('Alias; may be empty.')),
            Status: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
            ActiveTime: required(text('First connection, China time; may be empty.')),
            UtcActiveTime: required(text('First connection; may be empty.')),
            LastOnlineTime: required(text('Last connection, China time; may be empty.')),
            UtcLastOnlineTime: required(text('Last connection; may be empty.')),
          }),
        ),
      ),
    },
    errors: [
      'group.nullId',
      'group.notFound',
      'common.invalidPage',
      'common.invalidParameter',
      'product.malformedKey',
      'product.notFound',
      'device.malformedName',
      'device.illegalPageToken',
    ],
  }),
] as const;
