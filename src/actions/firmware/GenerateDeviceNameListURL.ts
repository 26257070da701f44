import { grantUpload } from '../../domain/uploads.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const GenerateDeviceNameListURL: Handler<'GenerateDeviceNameListURL'> = async (deps, scope) => {
  const grant = await grantUpload(deps, scope, { kind: 'device-list', suffix: 'csv' });
  return {
    Data: {
      Host: grant.host,
      Key: grant.key,
      // two members have other names than in GenerateOTAUploadURL (openapi-ota 4.2)
      AccessKeyId: grant.accessKeyId,
      Signature: grant.signature,
      Policy: grant.policy,
      ObjectStorage: 'OSS',
      FileUrl: grant.url,
      UtcCreate: utcText(grant.createdAt),
    },
  };
};
