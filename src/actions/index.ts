import type { ActionName } from '../contract/index.ts';
import { CreateAccessKey } from './access/CreateAccessKey.ts';
import { CreateUser } from './access/CreateUser.ts';
import { DeleteAccessKey } from './access/DeleteAccessKey.ts';
import { DeleteUser } from './access/DeleteUser.ts';
import { ListAccessKeys } from './access/ListAccessKeys.ts';
import { ListUsers } from './access/ListUsers.ts';
import { UpdateAccessKey } from './access/UpdateAccessKey.ts';
import { UpdateUser } from './access/UpdateUser.ts';
import { ListAuditRecords } from './audit/ListAuditRecords.ts';
import { BatchCheckDeviceNames } from './device/BatchCheckDeviceNames.ts';
import { BatchGetDeviceState } from './device/BatchGetDeviceState.ts';
import { BatchQueryDeviceDetail } from './device/BatchQueryDeviceDetail.ts';
import { BatchRegisterDevice } from './device/BatchRegisterDevice.ts';
import { BatchRegisterDeviceWithApplyId } from './device/BatchRegisterDeviceWithApplyId.ts';
import { BatchUpdateDeviceNickname } from './device/BatchUpdateDeviceNickname.ts';
import { DeleteDevice } from './device/DeleteDevice.ts';
import { DeleteDeviceProp } from './device/DeleteDeviceProp.ts';
import { DisableThing } from './device/DisableThing.ts';
import { EnableThing } from './device/EnableThing.ts';
import { GetDeviceStatus } from './device/GetDeviceStatus.ts';
import { ListDeviceStatusHistory } from './device/ListDeviceStatusHistory.ts';
import { QueryBatchRegisterDeviceStatus } from './device/QueryBatchRegisterDeviceStatus.ts';
import { QueryDevice } from './device/QueryDevice.ts';
import { QueryDeviceBySQL } from './device/QueryDeviceBySQL.ts';
import { QueryDeviceByStatus } from './device/QueryDeviceByStatus.ts';
import { QueryDeviceDetail } from './device/QueryDeviceDetail.ts';
import { QueryDeviceInfo } from './device/QueryDeviceInfo.ts';
import { QueryDeviceProp } from './device/QueryDeviceProp.ts';
import { QueryDeviceStatistics } from './device/QueryDeviceStatistics.ts';
import { QueryPageByApplyId } from './device/QueryPageByApplyId.ts';
import { RegisterDevice } from './device/RegisterDevice.ts';
import { ResetThing } from './device/ResetThing.ts';
import { SaveDeviceProp } from './device/SaveDeviceProp.ts';
import { CreateOTAFirmware } from './firmware/CreateOTAFirmware.ts';
import { DeleteOTAFirmware } from './firmware/DeleteOTAFirmware.ts';
import { GenerateDeviceNameListURL } from './firmware/GenerateDeviceNameListURL.ts';
import { GenerateOTAUploadURL } from './firmware/GenerateOTAUploadURL.ts';
import { ListOTAFirmware } from './firmware/ListOTAFirmware.ts';
import { ModifyOTAFirmware } from './firmware/ModifyOTAFirmware.ts';
import { QueryOTAFirmware } from './firmware/QueryOTAFirmware.ts';
import { BatchAddDeviceGroupRelations } from './group/BatchAddDeviceGroupRelations.ts';
import { BatchDeleteDeviceGroupRelations } from './group/BatchDeleteDeviceGroupRelations.ts';
import { CreateDeviceDynamicGroup } from './group/CreateDeviceDynamicGroup.ts';
import { CreateDeviceGroup } from './group/CreateDeviceGroup.ts';
import { DeleteDeviceDynamicGroup } from './group/DeleteDeviceDynamicGroup.ts';
import { DeleteDeviceGroup } from './group/DeleteDeviceGroup.ts';
import { QueryDeviceGroupByDevice } from './group/QueryDeviceGroupByDevice.ts';
import { QueryDeviceGroupInfo } from './group/QueryDeviceGroupInfo.ts';
import { QueryDeviceGroupList } from './group/QueryDeviceGroupList.ts';
import { QueryDeviceListByDeviceGroup } from './group/QueryDeviceListByDeviceGroup.ts';
import { QueryDynamicGroupDevices } from './group/QueryDynamicGroupDevices.ts';
import { QuerySuperDeviceGroup } from './group/QuerySuperDeviceGroup.ts';
import { UpdateDeviceGroup } from './group/UpdateDeviceGroup.ts';
import type { Handler } from './handler.ts';
import { CancelOTAStrategyByJob } from './job/CancelOTAStrategyByJob.ts';
import { CancelOTATaskByDevice } from './job/CancelOTATaskByDevice.ts';
import { CancelOTATaskByJob } from './job/CancelOTATaskByJob.ts';
import { ConfirmOTATask } from './job/ConfirmOTATask.ts';
import { CreateOTADynamicUpgradeJob } from './job/CreateOTADynamicUpgradeJob.ts';
import { CreateOTAStaticUpgradeJob } from './job/CreateOTAStaticUpgradeJob.ts';
import { CreateOTAVerifyJob } from './job/CreateOTAVerifyJob.ts';
import { ListOTAJobByDevice } from './job/ListOTAJobByDevice.ts';
import { ListOTAJobByFirmware } from './job/ListOTAJobByFirmware.ts';
import { ListOTATaskAttempts } from './job/ListOTATaskAttempts.ts';
import { ListOTATaskByJob } from './job/ListOTATaskByJob.ts';
import { ListOTAUnfinishedTaskByDevice } from './job/ListOTAUnfinishedTaskByDevice.ts';
import { QueryOTAJob } from './job/QueryOTAJob.ts';
import { ReupgradeOTATask } from './job/ReupgradeOTATask.ts';
import { UpdateOTAJob } from './job/UpdateOTAJob.ts';
import { CreateOTAModule } from './module/CreateOTAModule.ts';
import { DeleteOTAModule } from './module/DeleteOTAModule.ts';
import { ListOTAModuleByProduct } from './module/ListOTAModuleByProduct.ts';
import { ListOTAModuleVersionsByDevice } from './module/ListOTAModuleVersionsByDevice.ts';
import { UpdateOTAModule } from './module/UpdateOTAModule.ts';
import { ListOTAFailureCauses } from './overview/ListOTAFailureCauses.ts';
import { ListOTAJob } from './overview/ListOTAJob.ts';
import { ListOTAVersionDistribution } from './overview/ListOTAVersionDistribution.ts';
import { PreviewOTAUpgradeJob } from './overview/PreviewOTAUpgradeJob.ts';
import { QueryOTAHistory } from './overview/QueryOTAHistory.ts';
import { QueryOTAOverview } from './overview/QueryOTAOverview.ts';
import { CreateProduct } from './product/CreateProduct.ts';
import { DeleteProduct } from './product/DeleteProduct.ts';
import { QueryProduct } from './product/QueryProduct.ts';
import { QueryProductList } from './product/QueryProductList.ts';
import { UpdateProduct } from './product/UpdateProduct.ts';
import { ListQuotas } from './quota/ListQuotas.ts';
import { CreateConsumerGroup } from './subscription/CreateConsumerGroup.ts';
import { CreateConsumerGroupSubscribeRelation } from './subscription/CreateConsumerGroupSubscribeRelation.ts';
import { CreateSubscribeRelation } from './subscription/CreateSubscribeRelation.ts';
import { DeleteConsumerGroup } from './subscription/DeleteConsumerGroup.ts';
import { DeleteConsumerGroupSubscribeRelation } from './subscription/DeleteConsumerGroupSubscribeRelation.ts';
import { DeleteSubscribeRelation } from './subscription/DeleteSubscribeRelation.ts';
import { QueryConsumerGroupByGroupId } from './subscription/QueryConsumerGroupByGroupId.ts';
import { QueryConsumerGroupList } from './subscription/QueryConsumerGroupList.ts';
import { QueryConsumerGroupStatus } from './subscription/QueryConsumerGroupStatus.ts';
import { QuerySubscribeRelation } from './subscription/QuerySubscribeRelation.ts';
import { ResetConsumerGroupPosition } from './subscription/ResetConsumerGroupPosition.ts';
import { UpdateConsumerGroup } from './subscription/UpdateConsumerGroup.ts';
import { UpdateSubscribeRelation } from './subscription/UpdateSubscribeRelation.ts';
import { CreateWebhook } from './webhook/CreateWebhook.ts';
import { DeleteWebhook } from './webhook/DeleteWebhook.ts';
import { ListWebhookDeliveries } from './webhook/ListWebhookDeliveries.ts';
import { ListWebhooks } from './webhook/ListWebhooks.ts';
import { ReplayWebhookDeliveries } from './webhook/ReplayWebhookDeliveries.ts';
import { RotateWebhookSecret } from './webhook/RotateWebhookSecret.ts';
import { TestWebhook } from './webhook/TestWebhook.ts';
import { UpdateWebhook } from './webhook/UpdateWebhook.ts';

/** The handler of every action; one that is missing does not compile. */
export const handlers: { readonly [N in ActionName]: Handler<N> } = {
  CreateProduct,
  QueryProduct,
  QueryProductList,
  UpdateProduct,
  DeleteProduct,
  RegisterDevice,
  QueryDevice,
  QueryDeviceDetail,
  BatchQueryDeviceDetail,
  GetDeviceStatus,
  ListDeviceStatusHistory,
  BatchGetDeviceState,
  DeleteDevice,
  BatchRegisterDevice,
  BatchCheckDeviceNames,
  BatchRegisterDeviceWithApplyId,
  QueryBatchRegisterDeviceStatus,
  QueryPageByApplyId,
  QueryDeviceBySQL,
  QueryDeviceByStatus,
  QueryDeviceStatistics,
  DisableThing,
  EnableThing,
  ResetThing,
  QueryDeviceInfo,
  BatchUpdateDeviceNickname,
  SaveDeviceProp,
  QueryDeviceProp,
  DeleteDeviceProp,
  CreateDeviceDynamicGroup,
  CreateDeviceGroup,
  BatchAddDeviceGroupRelations,
  QueryDeviceGroupList,
  QueryDeviceListByDeviceGroup,
  UpdateDeviceGroup,
  DeleteDeviceDynamicGroup,
  DeleteDeviceGroup,
  QueryDeviceGroupInfo,
  BatchDeleteDeviceGroupRelations,
  QueryDynamicGroupDevices,
  QuerySuperDeviceGroup,
  QueryDeviceGroupByDevice,
  GenerateOTAUploadURL,
  GenerateDeviceNameListURL,
  CreateOTAFirmware,
  ModifyOTAFirmware,
  QueryOTAFirmware,
  ListOTAFirmware,
  DeleteOTAFirmware,
  CreateOTAModule,
  UpdateOTAModule,
  DeleteOTAModule,
  ListOTAModuleByProduct,
  ListOTAModuleVersionsByDevice,
  CreateOTAVerifyJob,
  CreateOTADynamicUpgradeJob,
  CreateOTAStaticUpgradeJob,
  QueryOTAJob,
  ListOTAJobByFirmware,
  ListOTATaskAttempts,
  ListOTATaskByJob,
  ListOTAJobByDevice,
  ListOTAUnfinishedTaskByDevice,
  UpdateOTAJob,
  CancelOTAStrategyByJob,
  CancelOTATaskByJob,
  CancelOTATaskByDevice,
  ConfirmOTATask,
  ReupgradeOTATask,
  CreateConsumerGroup,
  UpdateConsumerGroup,
  DeleteConsumerGroup,
  QueryConsumerGroupByGroupId,
  QueryConsumerGroupList,
  QueryConsumerGroupStatus,
  ResetConsumerGroupPosition,
  CreateConsumerGroupSubscribeRelation,
  DeleteConsumerGroupSubscribeRelation,
  CreateSubscribeRelation,
  UpdateSubscribeRelation,
  QuerySubscribeRelation,
  DeleteSubscribeRelation,
  ListOTAJob,
  QueryOTAOverview,
  ListOTAVersionDistribution,
  PreviewOTAUpgradeJob,
  ListWebhooks,
  CreateWebhook,
  UpdateWebhook,
  RotateWebhookSecret,
  DeleteWebhook,
  TestWebhook,
  ListWebhookDeliveries,
  ReplayWebhookDeliveries,
  ListAuditRecords,
  ListQuotas,
  ListOTAFailureCauses,
  QueryOTAHistory,
  ListUsers,
  CreateUser,
  UpdateUser,
  DeleteUser,
  ListAccessKeys,
  CreateAccessKey,
  UpdateAccessKey,
  DeleteAccessKey,
};
