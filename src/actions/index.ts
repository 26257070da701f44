import type { ActionName } from '../contract/index.ts';
import { BatchGetDeviceState } from './device/BatchGetDeviceState.ts';
import { BatchQueryDeviceDetail } from './device/BatchQueryDeviceDetail.ts';
import { DeleteDevice } from './device/DeleteDevice.ts';
import { GetDeviceStatus } from './device/GetDeviceStatus.ts';
import { QueryDevice } from './device/QueryDevice.ts';
import { QueryDeviceDetail } from './device/QueryDeviceDetail.ts';
import { RegisterDevice } from './device/RegisterDevice.ts';
import { CreateOTAFirmware } from './firmware/CreateOTAFirmware.ts';
import { DeleteOTAFirmware } from './firmware/DeleteOTAFirmware.ts';
import { GenerateOTAUploadURL } from './firmware/GenerateOTAUploadURL.ts';
import { ListOTAFirmware } from './firmware/ListOTAFirmware.ts';
import { QueryOTAFirmware } from './firmware/QueryOTAFirmware.ts';
import { BatchAddDeviceGroupRelations } from './group/BatchAddDeviceGroupRelations.ts';
import { CreateDeviceGroup } from './group/CreateDeviceGroup.ts';
import { QueryDeviceGroupList } from './group/QueryDeviceGroupList.ts';
import { QueryDeviceListByDeviceGroup } from './group/QueryDeviceListByDeviceGroup.ts';
import type { Handler } from './handler.ts';
import { CreateOTAStaticUpgradeJob } from './job/CreateOTAStaticUpgradeJob.ts';
import { CreateOTAVerifyJob } from './job/CreateOTAVerifyJob.ts';
import { ListOTAJobByFirmware } from './job/ListOTAJobByFirmware.ts';
import { ListOTATaskByJob } from './job/ListOTATaskByJob.ts';
import { QueryOTAJob } from './job/QueryOTAJob.ts';
import { CreateProduct } from './product/CreateProduct.ts';
import { QueryProduct } from './product/QueryProduct.ts';
import { QueryProductList } from './product/QueryProductList.ts';

/** The handler of every action; one that is missing does not compile. */
export const handlers: { readonly [N in ActionName]: Handler<N> } = {
  CreateProduct,
  QueryProduct,
  QueryProductList,
  RegisterDevice,
  QueryDevice,
  QueryDeviceDetail,
  BatchQueryDeviceDetail,
  GetDeviceStatus,
  BatchGetDeviceState,
  DeleteDevice,
  CreateDeviceGroup,
  BatchAddDeviceGroupRelations,
  QueryDeviceGroupList,
  QueryDeviceListByDeviceGroup,
  GenerateOTAUploadURL,
  CreateOTAFirmware,
  QueryOTAFirmware,
  ListOTAFirmware,
  DeleteOTAFirmware,
  CreateOTAVerifyJob,
  CreateOTAStaticUpgradeJob,
  QueryOTAJob,
  ListOTAJobByFirmware,
  ListOTATaskByJob,
};
