import { action } from '../action.ts';
import { bool, int, list, object, required, text, wrapped } from '../schema.ts';

const instance = { IotInstanceId: text('ID of the instance; left out for the public instance.') };

const uploadGrant = {
  Host: required(text('Origin to POST the form to.')),
  Key: required(text('Object name; form field `key`.')),
  OSSAccessKeyId: required(text('Form field `OSSAccessKeyId`.')),
  Signature: required(text('Form field `signature`.')),
  Policy: required(text('Form field `policy`, base64.')),
  ObjectStorage: required(text('Always `OSS`.')),
  FirmwareUrl: required(text('Host, a slash and Key; parameter of CreateOTAFirmware.')),
  UtcCreate: required(text('Time of the call.')),
};

/** Members that the list and the details of a package share (openapi-ota 4.6). */
const firmwareMembers = {
  FirmwareId: required(text('ID of the package.')),
  FirmwareName: required(text('Name.')),
  FirmwareDesc: required(text('Description.')),
  FirmwareSign: text('Hex digest of the file; single-file packages only.'),
  SignMethod: required(text('MD5 or SHA256.')),
  FirmwareSize: int('Bytes; single-file packages only.'),
  ProductKey: text('Product that owns the package.'),
  ProductName: text('Name of that product.'),
  ModuleName: required(text('Module that the package updates.')),
  Type: required(int('0 full, 1 differential.')),
  Status: required(int('-1 needs no verification, 0 not verified, 1 verified, 2 verifying, 3 verification failed.')),
  SrcVersion: required(text('Version to update from; empty for full packages.')),
  DestVersion: required(text('Version of the package.')),
  UtcCreate: required(text('Time of creation.')),
  UtcModified: required(text('Time of the last change.')),
};

const paging = {
  CurrentPage: required(int('Page number, from 1.')),
  PageSize: required(int('Rows on a page.')),
};
const pagingAnswer = {
  CurrentPage: required(int('Echo.')),
  PageSize: required(int('Echo.')),
  PageCount: required(int('Number of pages.')),
  Total: required(int('Number of rows in all.')),
};

export const firmwareActions = [
  action({
    name: 'GenerateOTAUploadURL',
    family: 'firmware',
    summary: 'Hands out the form with which a package file is uploaded within one minute.',
    qps: 10,
    request: { FileSuffix: text('bin (default), dav, apk, tar, gz, tar.gz, zip or gzip.'), ...instance },
    response: { Data: required(object(uploadGrant)) },
    errors: ['firmware.invalidUploadParameter', 'firmware.uploadUrlFailed'],
  }),
  action({
    name: 'GenerateDeviceNameListURL',
    family: 'firmware',
    summary: 'Hands out the form with which a list of device names is uploaded within one minute.',
    qps: 10,
    request: { ...instance },
    response: {
      Data: required(
        object({
          Host: required(text('Origin to POST the form to.')),
          Key: required(text('Object name, ends in `.csv`; form field `key`.')),
          AccessKeyId: required(text('Form field `OSSAccessKeyId`.')),
          Signature: required(text('Form field `signature`.')),
          Policy: required(text('Form field `policy`, base64.')),
          ObjectStorage: required(text('Always `OSS`.')),
          FileUrl: required(text('Host, a slash and Key; parameter of CreateOTAStaticUpgradeJob.')),
          UtcCreate: required(text('Time of the call.')),
        }),
      ),
    },
    errors: [],
  }),
  action({
    name: 'CreateOTAFirmware',
    family: 'firmware',
    summary: 'Registers an uploaded file, or several, as a package.',
    qps: 10,
    request: {
      FirmwareName: required(text('1-40 characters, unique in the instance.')),
      DestVersion: required(text('1-64 of letters, digits, `.` `-` `_`.')),
      ProductKey: text('Product that owns the package.'),
      FirmwareUrl: text('FirmwareUrl of GenerateOTAUploadURL; not together with MultiFiles.'),
      FirmwareSign: text('Hex digest of the file by SignMethod; computed when left out.'),
      FirmwareSize: int('Bytes; taken from the stored file when left out.'),
      SignMethod: text('MD5 (default) or SHA256.'),
      Type: int('0 full (default), 1 differential.'),
      SrcVersion: text('Version to update from; required for a differential package.'),
      ModuleName: text('Module of the product; `default` when left out.'),
      FirmwareDesc: text('At most 100 characters.'),
      NeedToVerify: bool('Default true: the package must be verified before it is rolled out.'),
      Udi: text('At most 4,096 characters, handed to the device.'),
      MultiFiles: list(
        object({
          Name: required(text('1-32 characters, unique in the package.')),
          Url: required(text('FirmwareUrl of a GenerateOTAUploadURL call of its own.')),
          Size: int('Bytes; taken from the stored file when left out.'),
          SignValue: text('Hex digest of the file by SignMethod; computed when left out.'),
          FileMd5: text('Hex MD5 of the file; computed when left out.'),
        }),
        21,
        'Files of a multi-file package, at most 20; without FirmwareUrl, FirmwareSign and FirmwareSize.',
      ),
      ...instance,
    },
    response: {
      Data: required(
        object({
          FirmwareId: required(text('ID of the new package.')),
          UtcCreate: required(text('Time of creation.')),
        }),
      ),
    },
    errors: [
      'firmware.malformedName',
      'firmware.nameTaken',
      'firmware.longDescription',
      'firmware.longUdi',
      'firmware.nullUrl',
      'firmware.malformedUrl',
      'firmware.unknownUrl',
      'firmware.emptyFile',
      'firmware.sizeMismatch',
      'firmware.signMismatch',
      'firmware.invalidSignMethod',
      'firmware.invalidType',
      'firmware.srcVersionMissing',
      'firmware.sameVersions',
      'firmware.countExceeded',
      'product.notFound',
      'ota.malformedModuleName',
      'module.notFound',
      'common.invalidParameter',
    ],
  }),
  action({
    name: 'ModifyOTAFirmware',
    family: 'firmware',
    summary: 'Changes name, description and custom information of a package. What is left out stays.',
    qps: 5,
    request: {
      FirmwareId: required(text('ID of the package.')),
      ProductKey: required(text('Product of the package.')),
      FirmwareName: text('1-40 characters, unique in the instance.'),
      FirmwareDesc: text('At most 100 characters; empty for none.'),
      FirmwareUdi: text('At most 4,096 characters, handed to the device; empty for none.'),
      ...instance,
    },
    response: {},
    errors: [
      'ota.firmwareNotFound',
      'ota.firmwareProductMismatch',
      'firmware.nameTaken',
      'firmware.malformedName',
      'firmware.longDescription',
      'firmware.longUdi',
      'common.invalidParameter',
    ],
  }),
  action({
    name: 'QueryOTAFirmware',
    family: 'firmware',
    summary: 'Details of a package.',
    qps: 20,
    request: { FirmwareId: required(text('ID of the package.')), ...instance },
    response: {
      FirmwareInfo: required(
        object({
          ...firmwareMembers,
          FirmwareUrl: text('Signed download URL; single-file packages only.'),
          VerifyProgress: required(int('Per cent of the test devices that are done.')),
          Udi: required(text('Custom information.')),
          MultiFiles: list(
            object({
              Name: required(text('File name.')),
              Size: required(int('Bytes.')),
              Url: required(text('Signed download URL.')),
              SignValue: required(text('Hex digest by SignMethod.')),
              FileMd5: required(text('Hex MD5.')),
            }),
            20,
            'Multi-file packages only; a bare array.',
          ),
        }),
      ),
    },
    errors: ['ota.firmwareNotFound'],
  }),
  action({
    name: 'ListOTAFirmware',
    family: 'firmware',
    summary: 'Lists packages, newest first.',
    qps: 10,
    request: {
      ...paging,
      ProductKey: text('Only packages of this product.'),
      DestVersion: text('Only packages of exactly this version.'),
      ...instance,
    },
    response: {
      ...pagingAnswer,
      FirmwareInfo: required(wrapped('SimpleFirmwareInfo', object(firmwareMembers))),
    },
    errors: ['common.invalidPage', 'product.notFound'],
  }),
  action({
    name: 'DeleteOTAFirmware',
    family: 'firmware',
    summary: 'Deletes a package that no unfinished job uses.',
    qps: 10,
    request: { FirmwareId: required(text('ID of the package.')), ...instance },
    response: {},
    errors: ['ota.firmwareNotFound', 'firmware.inUse'],
  }),
] as const;
