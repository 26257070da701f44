import type { ResponseOf } from '../../contract/index.ts';
import { type DeviceFound, searchDevices } from '../../domain/searched-devices.ts';
import type { Selectable } from '../../wire/device-search-parser.ts';
import { chinaMillisText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

type Row = ResponseOf<'QueryDeviceBySQL'>['Data'][number];

/** What of the answer each field selects. */
const members: Readonly<Record<Selectable, (device: DeviceFound) => Partial<Row>>> = {
  iot_id: ({ id }) => ({ IotId: id }),
  product_key: ({ productKey }) => ({ ProductKey: productKey }),
  name: ({ name }) => ({ DeviceName: name }),
  nickname: ({ nickname }) => ({ Nickname: nickname }),
  status: ({ status }) => ({ Status: status }),
  active_time: ({ activeAt }) => ({ ActiveTime: activeAt === null ? '' : chinaMillisText(activeAt) }),
  gmt_create: ({ createdAt }) => ({ GmtCreate: chinaMillisText(createdAt) }),
  gmt_modified: ({ modifiedAt }) => ({ GmtModified: chinaMillisText(modifiedAt) }),
  'group.group_id': ({ groups }) => ({ Groups: groups.map((id) => ({ GroupId: id })) }),
  'tag.tag_name': tags,
  'tag.tag_value': tags,
  'ota_module.name': modules,
  'ota_module.version': modules,
};

function tags(device: DeviceFound): Partial<Row> {
  return { Tags: device.tags.map(({ name, value }) => ({ TagName: name, TagValue: value })) };
}

function modules(device: DeviceFound): Partial<Row> {
  return { OTAModules: device.modules.map(({ name, value }) => ({ ModuleName: name, FirmwareVersion: value })) };
}

export const QueryDeviceBySQL: Handler<'QueryDeviceBySQL'> = async (deps, scope, request) => {
  const found = await searchDevices(deps, scope, request.SQL);
  if (found.kind === 'count') return { TotalCount: found.total, Data: [] };
  const fields = [...found.fields];
  return {
    Data: found.devices.map((device) => ({
      IotId: device.id,
      ...Object.assign({}, ...fields.map((field) => members[field](device))),
    })),
  };
};
