import { action } from '../action.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';
import { statusReasons } from '../status-reasons.ts';
import { instance, pagingAnswer, searchErrors } from './parts.ts';

/** One device: by IotId, which wins when both are given, or by product and name (openapi-devices 0). */
const selector = {
  IotId: text('ID of the device; wins over ProductKey and DeviceName.'),
  ProductKey: text('Product of the device; needed without IotId.'),
  DeviceName: text('Name of the device; needed without IotId.'),
};

const selectorErrors = [
  'product.nullKey',
  'product.malformedKey',
  'product.notFound',
  'device.nullName',
  'device.malformedName',
  'device.notFound',
  'device.invalidIotId',
] as const;

const identity = {
  IotId: required(text('ID of the device.')),
  ProductKey: required(text('Product.')),
  DeviceName: required(text('Name.')),
  DeviceSecret: required(text('Secret with which the device connects.')),
  Nickname: required(text('Alias; empty when none is set.')),
};

/** Members that both operations about details have. */
const detailMembers = {
  ...identity,
  ProductName: required(text('Name of the product.')),
  NodeType: required(int('0 device, 1 gateway.')),
  Status: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
  FirmwareVersion: required(text('Version last reported for the module `default`; empty before.')),
  Region: required(text('Always cn-shanghai.')),
  GmtCreate: required(text('Time of registration, in China time (UTC+8).')),
  UtcCreate: required(text('The same in UTC.')),
  GmtActive: required(text('First connection, in China time; empty before.')),
  UtcActive: required(text('The same in UTC.')),
};

const productErrors = ['product.nullKey', 'product.malformedKey', 'product.notFound'] as const;

/** Page, page size and the like of the lists that have them at the top level. */
const pageRequest = {
  CurrentPage: int('Page number, from 1 (default).'),
  PageSize: int('Rows on a page, 1-50; 10 when left out.'),
};
const pageAnswer = {
  Page: required(int('Echo of CurrentPage.')),
  PageCount: required(int('Number of pages.')),
  PageSize: required(int('Echo.')),
  Total: required(int('Number of devices in all.')),
};

/** Why a name of an application cannot be registered. */
const badName = object({
  DeviceName: required(text('Name as it was sent.')),
  NickName: required(text('Alias as it was sent.')),
  ErrorMsg: required(text('Reasons, joined by a vertical bar.')),
});
const applyId = required(long('ID of the application.'));

export const deviceActions = [
  action({
    name: 'RegisterDevice',
    family: 'device',
    summary: 'Registers a device and tells its secret.',
    qps: 30,
    changes: ['ProductKey', 'DeviceName'],
    request: {
      ProductKey: required(text('Product of the device.')),
      DeviceName: text('4-32 of letters, digits, `-` `_` `@` `.` `:`; made up when left out.'),
      Nickname: text('4-64 of Chinese characters (each counts 2), letters, digits, `_`.'),
      DevEui: text('Accepted and ignored.'),
      JoinEui: text('Accepted and ignored.'),
      AppKey: text('Accepted and ignored.'),
      PinCode: text('Accepted and ignored.'),
      LoraNodeType: text('Accepted and ignored.'),
      ...instance,
    },
    response: {
      Data: required(
        object({ ...identity, DevEui: required(text('Always empty.')), JoinEui: required(text('Always empty.')) }),
      ),
    },
    errors: [
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'device.malformedName',
      'device.nameTaken',
      'device.malformedNickname',
      'device.countExceeded',
    ],
  }),
  action({
    name: 'QueryDevice',
    family: 'device',
    summary: 'Lists the devices of a product, newest first.',
    qps: 50,
    changes: false,
    request: {
      ProductKey: required(text('Product.')),
      CurrentPage: int('Page number, from 1 (default).'),
      PageSize: int('Rows on a page, 1-50; 10 when left out.'),
      NextToken: text('NextToken of the page before; needed once CurrentPage × PageSize exceeds 10,000.'),
      ...instance,
    },
    response: {
      Page: required(int('Echo of CurrentPage.')),
      PageCount: required(int('Number of pages.')),
      PageSize: required(int('Echo.')),
      Total: required(int('Number of devices of the product.')),
      NextToken: required(text('Leads to the next page; empty on the last one.')),
      Data: required(
        wrapped(
          'DeviceInfo',
          object({
            ...identity,
            DeviceId: required(text('Equal to IotId; not to be used.')),
            DeviceStatus: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
            GmtCreate: required(text('Time of registration, in GMT.')),
            GmtModified: required(text('Time of the last change, in GMT.')),
            UtcCreate: required(text('Time of registration.')),
            UtcModified: required(text('Time of the last change.')),
          }),
        ),
      ),
    },
    errors: [
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'common.invalidPage',
      'device.illegalPageToken',
    ],
  }),
  action({
    name: 'QueryDeviceDetail',
    family: 'device',
    summary: 'Details of a device.',
    qps: 50,
    changes: false,
    request: { ...selector, ...instance },
    response: {
      Data: required(
        object({
          ...detailMembers,
          IpAddress: required(text('Address of the last connection; empty before the first.')),
          GmtOnline: required(text('Start of the last connection, in China time; empty before.')),
          UtcOnline: required(text('The same in UTC.')),
          Owner: required(bool('Always true.')),
        }),
      ),
    },
    errors: selectorErrors,
  }),
  action({
    name: 'BatchQueryDeviceDetail',
    family: 'device',
    summary: 'Details of several devices of a product; unknown devices are left out.',
    qps: 5,
    changes: false,
    request: {
      ProductKey: required(text('Product of the devices.')),
      DeviceName: required(list(text('Name of a device.'), 10_000, '1-100 device names.')),
      ...instance,
    },
    response: { Data: required(wrapped('Data', object(detailMembers))) },
    errors: [
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'device.tooManyNames',
      'device.nullName',
      'device.malformedNameInList',
    ],
  }),
  action({
    name: 'GetDeviceStatus',
    family: 'device',
    summary: 'Tells whether a device is connected.',
    qps: 500,
    changes: false,
    request: { ...selector, ...instance },
    response: {
      Data: required(
        object({
          Status: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
          Timestamp: required(long('When the status last changed, ms since 1970.')),
        }),
      ),
    },
    errors: selectorErrors,
  }),
  action({
    name: 'ListDeviceStatusHistory',
    family: 'device',
    summary:
      'Lists what the status of a device became and why, newest first: of its last 50 changes those of the last 30 days.',
    extension: true,
    qps: 50,
    changes: false,
    request: {
      ...selector,
      StartTime: long('From this time on, in milliseconds since 1970.'),
      EndTime: long('Before this time, in milliseconds since 1970.'),
      ...pageRequest,
      ...instance,
    },
    response: {
      ...pagingAnswer,
      Data: required(
        wrapped(
          'StatusChange',
          object({
            Status: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
            UtcTime: required(text('When it became so.')),
            Duration: long('Milliseconds until the next change; left out while it lasts.'),
            Reason: required(text(`One of ${statusReasons.join(', ')}; empty when there is none, or none is known.`)),
            Address: required(text('Of the client; empty when no connection began or ended.')),
            NodeId: required(text('Node of the connection; empty when none began or ended.')),
          }),
        ),
      ),
    },
    errors: [...selectorErrors, 'common.invalidPage'],
  }),
  action({
    name: 'BatchGetDeviceState',
    family: 'device',
    summary: 'Tells of several devices whether they are connected; unknown devices are left out.',
    qps: 50,
    changes: false,
    request: {
      IotId: list(text('ID of a device.'), 10_000, 'At most 50; wins over ProductKey and DeviceName.'),
      ProductKey: text('Product of the devices; needed without IotId.'),
      DeviceName: list(text('Name of a device.'), 10_000, 'At most 50; needed without IotId.'),
      ...instance,
    },
    response: {
      DeviceStatusList: required(
        wrapped(
          'DeviceStatus',
          object({
            IotId: required(text('ID of the device.')),
            DeviceId: required(text('Equal to IotId; not to be used.')),
            DeviceName: required(text('Name.')),
            Status: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
            LastOnlineTime: required(text('Start of the last connection, in China time; empty before.')),
            AsAddress: required(text('Address of the last connection; empty before the first.')),
            Timestamp: required(long('When the status last changed, ms since 1970.')),
          }),
        ),
      ),
    },
    errors: [
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'device.noNames',
      'device.tooManyNames',
      'device.nullName',
      'device.malformedNameInList',
      'device.invalidIotId',
    ],
  }),
  action({
    name: 'DeleteDevice',
    family: 'device',
    summary: 'Deletes a device, ends its connection and cancels its updates.',
    qps: 50,
    changes: ['IotId', 'ProductKey', 'DeviceName'],
    request: { ...selector, ...instance },
    response: {},
    errors: selectorErrors,
  }),
  action({
    name: 'BatchRegisterDevice',
    family: 'device',
    summary: 'Applies for devices whose names the service makes up; they are made in the background.',
    qps: 10,
    changes: ['ProductKey'],
    request: {
      ProductKey: required(text('Product of the devices.')),
      Count: required(int('Number of devices, 1-10,000.')),
      ...instance,
    },
    response: { Data: required(object({ ApplyId: applyId })) },
    errors: [...productErrors, 'common.invalidParameter', 'device.countExceeded'],
  }),
  action({
    name: 'BatchCheckDeviceNames',
    family: 'device',
    summary: 'Applies for devices by name; whether the names are free is checked in the background.',
    qps: 10,
    changes: ['ProductKey'],
    request: {
      ProductKey: required(text('Product of the devices.')),
      DeviceName: list(text('Name of a device.'), 20_000, '1-10,000 device names.'),
      DeviceNameList: list(
        object({
          DeviceName: required(text('Name of a device.')),
          DeviceNickname: text('Its alias.'),
        }),
        20_000,
        'The same with aliases; 1-10,000 names in both lists together.',
      ),
      ...instance,
    },
    response: {
      Data: required(
        object({
          ApplyId: applyId,
          InvalidDeviceNameList: required(wrapped('InvalidDeviceName', text('Malformed name.'))),
          InvalidDeviceNicknameList: required(wrapped('InvalidDeviceNickname', text('Malformed alias.'))),
          InvalidDetailList: required(wrapped('InvalidDetailList', badName)),
          // spelt so by the vendor
          RepeatedDeviceNameList: required(wrapped('RepeatDevieNameList', text('Name that was given more than once.'))),
        }),
      ),
    },
    errors: [...productErrors, 'device.noNames', 'device.tooManyNames'],
  }),
  action({
    name: 'BatchRegisterDeviceWithApplyId',
    family: 'device',
    summary: 'Registers the devices of a successful check; they are made in the background.',
    qps: 500,
    changes: ['ProductKey', 'ApplyId'],
    request: { ProductKey: required(text('Product of the devices.')), ApplyId: applyId, ...instance },
    response: { Data: required(object({ ApplyId: applyId })) },
    errors: [
      ...productErrors,
      'device.malformedApplyId',
      'device.applicationNotFound',
      'device.applicationRunning',
      'device.applicationUnfit',
      'device.countExceeded',
    ],
  }),
  action({
    name: 'QueryBatchRegisterDeviceStatus',
    family: 'device',
    summary: 'Tells how far an application for devices has come.',
    qps: 30,
    changes: false,
    request: { ProductKey: required(text('Product of the devices.')), ApplyId: applyId, ...instance },
    response: {
      Data: required(
        object({
          Status: required(text('CHECK, CHECK_SUCCESS, CHECK_FAILED, CREATE, CREATE_SUCCESS or CREATE_FAILED.')),
          ValidList: required(wrapped('Name', text('After a failure: name that is fit, or was registered.'))),
          InvalidList: required(wrapped('Name', text('After a failure: name that is not.'))),
          // the inner name begins lower-case (openapi-devices 3)
          InvalidDetailList: required(wrapped('invalidDetailList', badName)),
        }),
      ),
    },
    errors: [...productErrors, 'device.malformedApplyId', 'device.applicationNotFound'],
  }),
  action({
    name: 'QueryPageByApplyId',
    family: 'device',
    summary: 'Lists the devices that an application has made.',
    qps: 50,
    changes: false,
    request: { ApplyId: applyId, ...pageRequest, ...instance },
    response: {
      ...pageAnswer,
      ApplyDeviceList: required(
        wrapped(
          'ApplyDeviceInfo',
          object({
            DeviceId: required(text('Equal to IotId; not to be used.')),
            DeviceName: required(text('Name.')),
            DeviceSecret: required(text('Secret with which the device connects.')),
            IotId: required(text('ID of the device.')),
          }),
        ),
      ),
    },
    errors: ['device.malformedApplyId', 'device.applicationNotFound', 'common.invalidPage'],
  }),
  action({
    name: 'QueryDeviceByStatus',
    family: 'device',
    summary: 'Lists the devices in a status, by product and newest first.',
    qps: 50,
    changes: false,
    request: {
      Status: required(int('0 inactive, 1 online, 3 offline, 8 disabled.')),
      ProductKey: text('Only devices of this product.'),
      ...pageRequest,
      ResourceGroupId: text('Accepted and ignored.'),
      ...instance,
    },
    response: {
      ...pageAnswer,
      Data: required(
        wrapped(
          'SimpleDeviceInfo',
          object({
            ...identity,
            Status: required(text('UNACTIVE, ONLINE, OFFLINE or DISABLE.')),
            GmtCreate: required(text('Time of registration, in China time (UTC+8).')),
            GmtModified: required(text('Time of the last change, in China time.')),
            UtcCreate: required(text('Time of registration.')),
            UtcModified: required(text('Time of the last change.')),
          }),
        ),
      ),
    },
    errors: ['product.malformedKey', 'product.notFound', 'common.invalidParameter', 'common.invalidPage'],
  }),
  action({
    name: 'QueryDeviceBySQL',
    family: 'device',
    summary: 'Searches devices by a statement like SQL, or counts those that it finds.',
    qps: 10,
    changes: false,
    request: {
      SQL: required(
        text(
          '`SELECT * FROM device WHERE … [ORDER BY …] [LIMIT [offset,] count]`; fields or `count(*)` in place of `*`. [More](../compatibility.md#device-search)',
        ),
      ),
      ...instance,
    },
    response: {
      TotalCount: long('Devices found, of a `SELECT count(*)`.'),
      Data: required(
        list(
          object({
            IotId: required(text('ID of the device.')),
            ProductKey: text('Product.'),
            DeviceName: text('Name.'),
            Nickname: text('Alias; empty when none is set.'),
            Status: text('UNACTIVE, ONLINE, OFFLINE or DISABLE.'),
            ActiveTime: text('First connection, in China time (UTC+8) with milliseconds; empty before.'),
            GmtCreate: text('Time of registration, likewise.'),
            GmtModified: text('Time of the last change, likewise.'),
            Groups: list(
              object({ GroupId: required(text('ID of a static group.')) }),
              Number.MAX_SAFE_INTEGER,
              'Static groups that the device is directly in.',
            ),
            Tags: list(
              object({ TagName: required(text('Key of a tag.')), TagValue: required(text('Its value.')) }),
              Number.MAX_SAFE_INTEGER,
              'Tags of the device.',
            ),
            OTAModules: list(
              object({
                ModuleName: required(text('Name of a module.')),
                FirmwareVersion: required(text('Version last reported for it.')),
              }),
              Number.MAX_SAFE_INTEGER,
              'Modules that the device reported.',
            ),
          }),
          Number.MAX_SAFE_INTEGER,
          'A bare array of what was selected; empty for a count.',
        ),
      ),
    },
    errors: [...searchErrors],
  }),
  action({
    name: 'QueryDeviceStatistics',
    family: 'device',
    summary: 'Counts devices: of a product, of a group, of a product in a group, or all.',
    qps: 50,
    changes: false,
    request: {
      ProductKey: text('Only devices of this product.'),
      GroupId: text('Only devices of this group.'),
      ...instance,
    },
    response: {
      Data: required(
        object({
          deviceCount: required(long('Number of devices.')),
          activeCount: required(long('Those that have connected at least once.')),
          onlineCount: required(long('Those that are connected.')),
        }),
      ),
    },
    errors: ['product.malformedKey', 'product.notFound', 'group.notFound'],
  }),
  action({
    name: 'DisableThing',
    family: 'device',
    summary: 'Ends the connection of a device and refuses further ones; its data stays.',
    qps: 500,
    changes: ['IotId', 'ProductKey', 'DeviceName'],
    request: { ...selector, ...instance },
    response: {},
    errors: selectorErrors,
  }),
  action({
    name: 'EnableThing',
    family: 'device',
    summary: 'Lets a disabled device connect again.',
    qps: 500,
    changes: ['IotId', 'ProductKey', 'DeviceName'],
    request: { ...selector, ...instance },
    response: {},
    errors: selectorErrors,
  }),
  action({
    name: 'ResetThing',
    family: 'device',
    summary: 'Lets a device register dynamically again, and takes it out of its topology.',
    qps: 500,
    changes: ['IotId', 'ProductKey', 'DeviceName'],
    request: { ...selector, ...instance },
    response: { JobId: text('Never sent: the topology of a gateway is taken apart before the answer.') },
    errors: selectorErrors,
  }),
  action({
    name: 'QueryDeviceInfo',
    family: 'device',
    summary: 'Names, alias and secret of a device.',
    qps: 500,
    changes: false,
    request: { ...selector, ...instance },
    response: { Data: required(object(identity)) },
    errors: selectorErrors,
  }),
  action({
    name: 'BatchUpdateDeviceNickname',
    family: 'device',
    summary: 'Sets the aliases of several devices, all or none.',
    qps: 10,
    changes: ['DeviceNicknameInfo'],
    request: {
      DeviceNicknameInfo: required(
        list(
          object({
            ...selector,
            Nickname: text('The alias, as in RegisterDevice; empty or left out to clear it.'),
          }),
          1_000,
          '1-50 devices.',
        ),
      ),
      ...instance,
    },
    response: {},
    errors: [...selectorErrors, 'device.tooManyNames', 'device.malformedNickname'],
  }),
  action({
    name: 'SaveDeviceProp',
    family: 'device',
    summary: 'Adds tags to a device, or replaces those of the same key.',
    qps: 50,
    changes: ['IotId', 'ProductKey', 'DeviceName'],
    request: {
      ...selector,
      Props: required(text('JSON object, `{"color":"red"}`: at most 5 KB and 100 tags.')),
      ...instance,
    },
    response: {},
    errors: [
      ...selectorErrors,
      'device.nullProps',
      'device.malformedProps',
      'device.longProps',
      'device.noProps',
      'device.tooManyProps',
    ],
  }),
  action({
    name: 'QueryDeviceProp',
    family: 'device',
    summary: 'Tells the tags of a device.',
    qps: 50,
    changes: false,
    request: { ...selector, ...instance },
    response: { Props: required(text('JSON object; `{}` when there are none.')) },
    errors: selectorErrors,
  }),
  action({
    name: 'DeleteDeviceProp',
    family: 'device',
    summary: 'Removes a tag of a device.',
    qps: 500,
    changes: ['IotId', 'ProductKey', 'DeviceName', 'PropKey'],
    request: { ...selector, PropKey: required(text('Key of the tag.')), ...instance },
    response: {},
    errors: [...selectorErrors, 'device.nullPropKey', 'device.malformedPropKey'],
  }),
] as const;
