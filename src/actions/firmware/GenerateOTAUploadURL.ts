import { grantUpload } from '../../domain/uploads.ts';
import { utcText } from '../../wire/time.ts';
import type { Handler } from '../handler.ts';

export const GenerateOTAUploadURL: Handler<'GenerateOTAUploadURL'> = async (deps, scope, request) => {
  const grant = await grantUpload(deps, scope, { kind: 'firmware', suffix: request.FileSuffix || 'bin' });
  return {
    Data: {
      Host: grant.host,
      Key: grant.key,
      OSSAccessKeyId: grant.accessKeyId,
      Signature: grant.signature,
      Policy: grant.policy,
      ObjectStorage: 'OSS',
      FirmwareUrl: grant.url,
      UtcCreate: utcText(grant.createdAt),
    },
  };
};
