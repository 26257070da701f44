import { action } from '../action.ts';
import { bool, int, list, long, object, required, text, wrapped } from '../schema.ts';

const instance = { IotInstanceId: text('ID of the instance; left out for the public instance.') };

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

export const deviceActions = [
  action({
    name: 'RegisterDevice',
    family: 'device',
    summary: 'Registers a device and tells its secret.',
    qps: 30,
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
      'device.noNames',
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
    name: 'BatchGetDeviceState',
    family: 'device',
    summary: 'Tells of several devices whether they are connected; unknown devices are left out.',
    qps: 50,
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
    request: { ...selector, ...instance },
    response: {},
    errors: selectorErrors,
  }),
] as const;
