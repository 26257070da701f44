/**
 * Every error that the API can answer. A `gateway` error refuses a request before the operation runs
 * (HTTP status as given, body `Code`/`Message`); an `iot` error is the operation's own refusal
 * (HTTP 200, `Success: false`, `Code`/`ErrorMessage`), see openapi-gateway 6.
 * `{Parameter}` and the like are filled from what the failure carries.
 */
export interface ErrorEntry {
  readonly layer: 'gateway' | 'iot';
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const gateway = (status: number, code: string, message: string): ErrorEntry => ({
  layer: 'gateway',
  status,
  code,
  message,
});
const iot = (code: string, message: string): ErrorEntry => ({
  layer: 'iot',
  status: 200,
  code: `iot.${code}`,
  message,
});

export const errors = {
  'gateway.missingParameter': gateway(400, 'Missing{Parameter}', '{Parameter} is mandatory for this action.'),
  'gateway.invalidParameter': gateway(400, 'Invalid{Parameter}', 'Specified parameter {Parameter} is not valid.'),
  'gateway.invalidVersion': gateway(400, 'InvalidVersion', 'Specified parameter Version is not valid.'),
  'gateway.unknownAction': gateway(
    404,
    'InvalidAction.NotFound',
    'Specified api is not found, please check your url and method.',
  ),
  'gateway.unknownAccessKey': gateway(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.'),
  'gateway.inactiveAccessKey': gateway(400, 'InvalidAccessKeyId.Inactive', 'Specified access key is disabled.'),
  'gateway.signatureMismatchV1': gateway(
    400,
    'SignatureDoesNotMatch',
    // Python core splits at the colon, Java core looks for "string to sign is:", both compare what follows with their own (openapi-gateway 6)
    'Specified signature is not matched with our calculation. server string to sign is:{StringToSign}',
  ),
  'gateway.signatureMismatchV3': gateway(
    400,
    'SignatureDoesNotMatch',
    'Specified signature does not match our calculation. server StringToSign is [{StringToSign}] server CanonicalRequest is [{CanonicalRequest}]',
  ),
  'gateway.bodyHashMismatch': gateway(
    400,
    'SignatureDoesNotMatch',
    'Specified signature does not match our calculation. The header x-acs-content-sha256 does not match the body.',
  ),
  'gateway.incompleteSignature': gateway(
    400,
    'IncompleteSignature',
    'The request signature does not conform to Aliyun standards. server string to sign is:{StringToSign}',
  ),
  'gateway.invalidSignatureMethod': gateway(400, 'InvalidSignatureMethod', 'Specified signature method is not valid.'),
  'gateway.malformedTimestamp': gateway(
    400,
    'InvalidTimeStamp.Format',
    'Specified time stamp or date value is not well formatted.',
  ),
  'gateway.expiredTimestamp': gateway(
    400,
    'InvalidTimeStamp.Expired',
    'Specified time stamp or date value is expired.',
  ),
  'gateway.nonceUsed': gateway(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.'),
  'gateway.mismatchedSecurityToken': gateway(
    400,
    'InvalidSecurityToken.MismatchWithAccessKey',
    'Specified SecurityToken mismatch with the AccessKey.',
  ),
  'gateway.invalidFormat': gateway(400, 'InvalidParameter.Format', 'Specified parameter format is not valid.'),
  'gateway.unsupportedMethod': gateway(400, 'UnsupportedHTTPMethod', 'This http method is not supported.'),
  'gateway.unsupportedContentType': gateway(
    400,
    'UnsupportedParameter',
    'The request body must be application/x-www-form-urlencoded.',
  ),
  'gateway.requestTooLarge': gateway(400, 'InvalidParameter', 'The request is larger than the limit.'),
  'gateway.throttled': gateway(400, 'Throttling.User', 'Request was denied due to user flow control.'),
  'gateway.internal': gateway(
    500,
    'InternalError',
    'The request processing has failed due to some unknown error, exception or failure.',
  ),
  'gateway.unavailable': gateway(
    503,
    'ServiceUnavailable',
    'The request has failed due to a temporary failure of the server.',
  ),

  'console.notSignedIn': gateway(401, 'NotSignedIn', 'You are not signed in, or your session has ended.'),
  'console.signInFailed': gateway(401, 'SignInFailed', 'The name or the secret is wrong.'),
  'console.tooManySignIns': gateway(
    429,
    'Throttling.SignIn',
    'Too many attempts to sign in have failed. Wait a minute.',
  ),
  'console.wrongPassword': gateway(403, 'WrongPassword', 'The present password is wrong.'),
  'console.noPassword': gateway(400, 'NotSignedInByPassword', 'The session was not opened with a password.'),
  'console.foreignRequest': gateway(403, 'ForeignRequest', "The request does not come from the console's own page."),

  'system.illegalRequest': iot('system.IllegalRequest', 'The request parameter is invalid.'),
  'system.notSupportedYet': iot(
    'common.APINotSupportedInInstance',
    'This API operation is not supported in this instance. {Detail}',
  ),
  'common.permissionDenied': iot('common.RamActionPermissionDeny', 'You do not have the RAM permission.'),
  'common.invalidPage': iot(
    'common.InvalidPageParams',
    'The specified pagination size or pagination parameter is invalid.',
  ),
  'common.illegalPageToken': iot('common.PageTokenIsIllegal', 'The NextToken parameter is invalid.'),
  'common.invalidParameter': iot('common.InvalidFormattedParameter', 'The parameter format is invalid: {Parameter}.'),
  'instance.notFound': iot('Sre.IotInstanceNotFound', 'The instance ID does not exist.'),

  // users and keys are managed elsewhere in the vendor's cloud; the codes are of our own
  'access.userNotFound': iot('access.UserNotExist', 'The user does not exist.'),
  'access.invalidUserName': iot('access.InvalidUserName', 'The UserName format is invalid.'),
  'access.userNameTaken': iot('access.UserNameExisted', 'The user name already exists.'),
  'access.userCountExceeded': iot('access.UserCountExceedMax', 'The number of users exceeds the limit.'),
  'access.invalidPolicy': iot('access.InvalidPolicy', 'The Policy parameter is invalid: {Detail}.'),
  'access.invalidPassword': iot('access.InvalidPassword', 'A password has 10 to 128 characters.'),
  'access.beyondOwnRights': iot(
    'access.BeyondOwnRights',
    'A user can manage no keys of the account itself, and nobody who may do more than that user.',
  ),
  'access.keyNotFound': iot('access.AccessKeyNotExist', 'The AccessKey does not exist.'),
  'access.keyCountExceeded': iot('access.AccessKeyCountExceedMax', 'The number of AccessKeys exceeds the limit.'),
  'access.invalidStatus': iot('access.InvalidStatus', 'The Status parameter is invalid.'),
  'access.lastWayIn': iot(
    'access.LastWayIn',
    'The account has no password and no other active AccessKey: nobody could reach it any more.',
  ),

  'product.nullKey': iot('prod.NullProductKey', 'The ProductKey parameter cannot be empty.'),
  'product.malformedKey': iot('prod.InvalidFormattedProductkey', 'The ProductKey format is invalid.'),
  'product.notFound': iot('prod.NotExistedProduct', 'The specified product does not exist.'),
  'product.nullName': iot('prod.NullProductName', 'The ProductName parameter cannot be empty.'),
  'product.malformedName': iot('prod.InvalidFormattedProductName', 'The ProductName format is invalid.'),
  'product.nameTaken': iot('prod.AlreadyExistedProductName', 'The product name already exists.'),
  'product.longDescription': iot('prod.LongProductDesc', 'The product description exceeds the limit.'),
  'product.invalidNodeType': iot('prod.InvalidNodeType', 'The NodeType parameter is invalid.'),
  'product.invalidCommodityCode': iot(
    'prod.InvalidAliyunCommodityCode',
    'The AliyunCommodityCode parameter is invalid.',
  ),
  'product.invalidAuthType': iot('prod.InvalidProductAuthType', 'The AuthType parameter is invalid.'),
  'product.id2NotOpen': iot('prod.NotOpenID2Service', 'The ID2 service is not available.'),
  'product.invalidCategory': iot('prod.InvalidFormattedCatId', 'The CategoryKey parameter is invalid.'),
  'product.countExceeded': iot('prod.ProductCountExceedMax', 'The number of products exceeds the limit.'),
  // no document names a code for this refusal
  'product.inUse': iot('prod.DeleteProductFailed', 'The product cannot be deleted: {Detail}'),

  'device.nullName': iot('device.NullDeviceName', 'The DeviceName parameter cannot be empty.'),
  'device.malformedName': iot('device.InvalidFormattedDeviceName', 'The DeviceName format is invalid.'),
  'device.malformedNameInList': iot(
    'device.InvalidFormattedDeviceNameInNameArray',
    'The DeviceName list contains an invalid DeviceName.',
  ),
  'device.malformedNameInFile': iot(
    'device.InvalidFormattedDeviceNameInNameArray',
    'The DeviceName list contains an invalid DeviceName in line {Line}.',
  ),
  'device.noNames': iot('device.NoneDeviceNameElement', 'The DeviceName list is empty.'),
  'device.tooManyNames': iot(
    'device.TooManyDeviceNamesPerRequest',
    'The number of device names in one request exceeds the limit.',
  ),
  'device.notFound': iot('device.NotExistedDevice', 'The device does not exist.'),
  'device.invalidIotId': iot('device.InvalidIoTId', 'The specified device ID is invalid.'),
  'device.nameTaken': iot('device.AlreadyExistedDeviceName', 'The device name already exists.'),
  'device.malformedNickname': iot('device.InvalidFormattedNickname', 'The Nickname format is invalid.'),
  'device.countExceeded': iot('device.DeviceCountExceeded', 'The number of devices exceeds the limit.'),
  'device.illegalPageToken': iot('device.PageTokenIsIllegal', 'The NextToken parameter is invalid.'),
  'device.malformedApplyId': iot('device.InvalidFormattedApplyId', 'The ApplyId format is invalid.'),
  'device.applicationNotFound': iot('device.DeviceApplyIsNotFound', 'The application does not exist.'),
  'device.applicationUnfit': iot(
    'device.IncorrentDeviceApplyInfo',
    'The application has not passed the check, or its devices were registered before.',
  ),
  'device.applicationRunning': iot('device.CreateDeviceTaskIsRunning', 'The application is still being worked on.'),
  'device.noProps': iot('device.NoneDeviceProperties', 'The Props parameter holds no tags.'),
  'device.nullProps': iot('device.NullDevicePropertiesString', 'The Props parameter cannot be empty.'),
  'device.malformedProps': iot(
    'device.InvalidFormattedDevicePropertiesString',
    'The Props parameter is not a JSON object of tags.',
  ),
  'device.longProps': iot('device.LongDevicePropertiesString', 'The Props parameter exceeds the limit.'),
  'device.tooManyProps': iot('device.TooManyDevicePropertiesPerTime', 'The number of tags exceeds the limit.'),
  'device.nullPropKey': iot('device.NullDevicePropertyKey', 'The PropKey parameter cannot be empty.'),
  'device.malformedPropKey': iot('device.InvalidFormattedDevicePropertyKey', 'The PropKey format is invalid.'),

  'group.nullId': iot('group.NullGroupId', 'You must specify the device group ID.'),
  'group.notFound': iot('group.NotExistedGroup', 'The specified device group does not exist.'),
  'group.invalidName': iot('group.InvalidGroupName', 'The group name is invalid.'),
  'group.nameTaken': iot('group.GroupNameExisted', 'The group name already exists.'),
  'group.longDescription': iot('group.LongGroupDescError', 'The group description exceeds the limit.'),
  'group.countExceeded': iot('group.GroupCountExceedMax', 'The number of groups exceeds the limit.'),
  'group.hasSubgroups': iot('group.SubGroupNotNull', 'The group has groups in it.'),
  'group.tooDeep': iot('group.GroupLevelExceedingLimitError', 'Groups can be nested in at most three levels.'),
  'group.unfitParent': iot('group.SuperGroupUnsupport', 'A dynamic group can have no groups in it.'),
  'group.bindFailed': iot('group.BindGroupRelationFailed', 'The devices cannot be added to the group: {Detail}'),

  'search.syntax': iot('devicesearch.InvalidSQLError', 'The expression is invalid: {Detail}.'),
  'search.condition': iot('devicesearch.ConditionError', 'The conditions of the expression are invalid: {Detail}.'),
  'search.field': iot('devicesearch.FieldError', 'The expression names a field that is none: {Detail}.'),
  'search.operator': iot('devicesearch.OperatorTypeError', 'The operator does not fit the field: {Detail}.'),
  'search.order': iot('devicesearch.OrderError', 'The expression cannot be ordered: {Detail}.'),
  'search.offset': iot('devicesearch.OffsetError', 'The expression cannot be limited: {Detail}.'),
  'search.parameter': iot('devicesearch.ParamError', 'A value in the expression is invalid: {Detail}.'),

  'consumerGroup.invalidId': iot('consumer.group.InvalidConsumerGroupId', 'The consumer group ID is invalid.'),
  'consumerGroup.notFound': iot('consumer.group.ConsumerGroupNotExist', 'The consumer group does not exist.'),
  'consumerGroup.invalidName': iot('consumer.group.InvalidConsumerGroupName', 'The consumer group name is invalid.'),
  'consumerGroup.nameTaken': iot('consumer.group.ConsumerGroupNameExisted', 'The consumer group name already exists.'),
  'consumerGroup.countExceeded': iot(
    'consumer.group.ConsumerGroupExceedLimit',
    'The number of consumer groups exceeds the limit.',
  ),
  'consumerGroup.builtIn': iot(
    'consumer.group.ChangeDefaultConsumerGroupNotAllowed',
    'The default consumer group cannot be changed or deleted.',
  ),
  'consumerGroup.inUse': iot('consumer.group.DeleteConsumerGroupFailed', 'The consumer group is still subscribed.'),
  'subscription.invalidType': iot('consumer.group.InvalidSubscribeType', 'The Type parameter is invalid.'),
  'subscription.mnsNotSupported': iot('consumer.group.MnsNotSupport', 'MNS subscriptions are not supported.'),
  'subscription.noGroups': iot('consumer.group.InvalidConsumerGroup', 'ConsumerGroupIds names no consumer group.'),
  'subscription.tooManyGroups': iot(
    'consumer.group.ConsumerGroupExceedsLimit',
    'The number of consumer groups in the subscription exceeds the limit.',
  ),
  'subscription.tooManyProducts': iot(
    'consumer.group.ProductKeyExceedsLimit',
    'The number of products that the consumer group subscribes to exceeds the limit.',
  ),
  'subscription.noFlag': iot('consumer.group.CallbackTypeEmpty', 'At least one flag must be true.'),
  'subscription.notSubscribed': iot(
    'consumer.group.InvalidConsumerGroup',
    'The consumer group is not in the subscription.',
  ),
  'subscription.lastGroup': iot(
    'consumer.group.DeleteConsumerGroupFailed',
    'The only consumer group of a subscription cannot be removed.',
  ),
  // no page lists a code for these two; the names are of our own
  'subscription.exists': iot('consumer.group.SubscribeRelationExisted', 'The product has a subscription already.'),
  'subscription.notFound': iot('consumer.group.SubscribeRelationNotExist', 'The product has no subscription.'),

  // extensions; the names are of our own
  'webhook.notFound': iot('webhook.NotFound', 'The webhook does not exist.'),
  'webhook.countExceeded': iot('webhook.CountExceedMax', 'An instance has at most {Most} webhooks.'),
  'webhook.invalidUrl': iot('webhook.InvalidUrl', 'The URL is not fit for a webhook: {Detail}.'),
  'webhook.invalidTypes': iot('webhook.InvalidTypes', '{Detail}'),
  'webhook.longDescription': iot('webhook.DescriptionExceedLimit', 'The description has more than 100 characters.'),
  'webhook.off': iot('webhook.Off', 'The webhook is switched off.'),
  'webhook.eventNotFound': iot('webhook.EventNotFound', 'The webhook has no delivery of the event.'),

  'ota.firmwareNotFound': iot('ota.FirmwareNotFound', 'The specified firmware does not exist.'),
  'ota.firmwareProductMismatch': iot(
    'ota.FirmwareAndProductKeyMismatch',
    'The OTA update package is not consistent with the ProductKey.',
  ),
  'ota.firmwareNotVerified': iot('ota.FirmwareNotVerified', 'The firmware validation is not completed.'),
  'ota.jobNotFound': iot('ota.InvalidJobId', 'The job is not existed.'),
  'ota.invalidTimeout': iot('ota.InvalidTimeout', 'Parameter TimeoutInMinutes is invalid.'),
  'ota.invalidMaximumPerMinute': iot('ota.InvalidMaximumPerMinute', 'Invalid MaximumPerMinute.'),
  'ota.jobTagTooLong': iot('ota.JobTagIsTooLong', 'The tags of job exceed the maximum number of characters.'),
  // no page lists a code for it; the name is of our own
  'ota.unfitForMqtt': iot(
    'ota.InvalidDownloadProtocol',
    'The OTA update package cannot be downloaded over MQTT: {Detail}',
  ),
  'ota.noDeviceToUpgrade': iot('ota.DeviceNotReUpgraded', 'There is no device can upgrade.'),
  'ota.jobCanceled': iot('ota.JobCanceled', 'The job has already been canceled.'),
  'ota.firmwareGone': iot('ota.InvalidFirmwareUid', 'The firmware is not exist.'),
  'ota.deviceGone': iot('ota.DeviceNotExist', 'The device does not exist.'),
  'ota.taskNotFound': iot('ota.InvalidTaskId', 'The tasks are not existed.'),
  'ota.taskOfOtherJob': iot('ota.UnmatchedJob', 'The jobId and taskId do not match.'),
  'ota.invalidTaskInList': iot('ota.InvalidTaskExist', 'The taskId list contains at least an invalid task.'),
  'ota.noFailedTask': iot('ota.FailedTaskNotFound', 'There are no failed tasks.'),
  'ota.tooManyTasks': iot('ota.TooManyOtaTask', 'There are too many tasks in parameters.'),
  // UpdateOTAJob has codes of its own for what others call by another name (openapi-ota 8.2)
  'ota.jobToUpdateNotFound': iot('ota.taskNotExist', 'Task is not existed.'),
  'ota.emptySrcVersions': iot('ota.EmptySrcVersionList', 'Parameter SrcVersionList is empty.'),
  'ota.unfitSrcVersions': iot(
    'ota.InvalidSrcVersionList',
    'Parameter SrcVersionList does not support by group upgrade.',
  ),
  // no page lists a code for this refusal
  'ota.dynamicJobRunning': iot(
    'ota.DynamicJobAlreadyExists',
    'The OTA update package has a dynamic update batch that is running.',
  ),
  'ota.jobNotDynamic': iot('ota.noDynamicJob', 'Task is not dynamic.'),
  'ota.invalidUpgradeType': iot('ota.InvalidUpgradeType', 'Invalid upgrade type.'),
  'ota.invalidStrategyType': iot('ota.InvalidStrategyType', 'Invalid strategy type.'),
  'ota.jobHasFinished': iot('ota.JobHasFinished', 'The job has finished.'),
  'ota.jobHasCanceled': iot('ota.JobHasCanceled', 'The job has canceled.'),
  'ota.noDeviceInfo': iot('ota.EmptyDeviceInfoParams', 'the device info in params is empty'),
  'ota.nullModuleName': iot('ota.NullOtaModuleName', 'the module name can not be empty.'),
  'ota.malformedModuleName': iot('ota.InvalidOtaModuleName', 'the format of module name is invalid.'),

  // no page lists a code for these; the names are of our own
  'module.notFound': iot('ota.OtaModuleNotFound', 'The specified OTA module does not exist.'),
  'module.nameTaken': iot('ota.AlreadyExistedOtaModuleName', 'The OTA module name already exists.'),
  'module.malformedAlias': iot('ota.InvalidOtaModuleAliasName', 'The format of the OTA module alias is invalid.'),
  'module.longDescription': iot('ota.OtaModuleDescExceedLimit', 'The description of the OTA module exceeds the limit.'),
  'module.countExceeded': iot('ota.OtaModuleCountExceedMax', 'The number of OTA modules exceeds the limit.'),
  'module.inUse': iot('ota.OtaModuleInUse', 'The OTA module has OTA update packages.'),
  'module.builtIn': iot('ota.DefaultOtaModuleForbidden', 'The default OTA module cannot be changed or deleted.'),

  'firmware.nameTaken': iot('firmware.AlreadyExistedFirmwareName', 'The OTA update package already exists.'),
  'firmware.malformedName': iot(
    'firmware.IncorrectFormattedFirmwareName',
    'The format of the OTA update package name is invalid.',
  ),
  'firmware.longDescription': iot(
    'firmware.FirmwareDescExceedLimit',
    'The description of the firmware is longer than the limit.',
  ),
  'firmware.longUdi': iot('firmware.FirmwareUdiExceedLimit', 'The UDI of the firmware is longer than the limit.'),
  'firmware.invalidUploadParameter': iot(
    'firmware.InvalidGenerateOTAUploadURLParam',
    'The FileSuffix parameter is invalid.',
  ),
  'firmware.uploadUrlFailed': iot(
    'firmware.GenerateOTAUploadURLFailure',
    'The upload address cannot be made: {Detail}',
  ),
  'firmware.nullUrl': iot('firmware.NullFirmwareUrl', 'The FirmwareUrl parameter cannot be empty.'),
  'firmware.malformedUrl': iot('firmware.MalformedFirmwareUrl', 'The FirmwareUrl parameter is not a URL.'),
  'firmware.unknownUrl': iot(
    'firmware.InvalidFirmwareUrl',
    'The FirmwareUrl is not an address of a file uploaded to this service.',
  ),
  'firmware.emptyFile': iot('firmware.EmptyFirmwareFile', 'The OTA update package file is empty.'),
  'firmware.sizeMismatch': iot('firmware.InvalidFirmwareSize', 'The FirmwareSize does not match the uploaded file.'),
  'firmware.signMismatch': iot('firmware.InvalidFirmwareSign', 'The FirmwareSign does not match the uploaded file.'),
  'firmware.invalidSignMethod': iot('firmware.InvalidFirmwareSignMethod', 'The SignMethod parameter is invalid.'),
  'firmware.invalidType': iot('firmware.InvalidFirmwareType', 'The Type parameter is invalid.'),
  'firmware.srcVersionMissing': iot(
    'firmware.SrcVersionIsMandatory',
    'The SrcVersion parameter is mandatory for a differential package.',
  ),
  'firmware.sameVersions': iot(
    'firmware.SrcDestVersionMatched',
    'The SrcVersion and DestVersion parameters must differ.',
  ),
  'firmware.countExceeded': iot(
    'firmware.FirmwareCountExceedMax',
    'The number of OTA update packages exceeds the limit.',
  ),
  'firmware.inUse': iot('firmware.FirmwareInUse', 'The OTA update package has an update batch that is not finished.'),
  // of these three only the codes of the second and third are published
  'firmware.unknownList': iot(
    'firmware.InvalidDnListFileUrl',
    'The DnListFileUrl is not an address of a device list that was uploaded to this service within 60 minutes.',
  ),
  'firmware.tooManyListed': iot('firmware.ParameterSizeExceedMax', 'The device list holds more than {Most} names.'),
  'firmware.noneListed': iot('firmware.NullTargetDeviceNames', 'The device list holds no names.'),
  'firmware.invalidTaskStatus': iot('firmware.InvalidTaskStatus', 'Invalid TaskStatus.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorKey = keyof typeof errors;
