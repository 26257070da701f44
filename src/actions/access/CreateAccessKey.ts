import { createKey } from '../../domain/access-keys.ts';
import type { Handler } from '../handler.ts';

export const CreateAccessKey: Handler<'CreateAccessKey'> = async (deps, scope, request) => {
  const { accessKeyId, accessKeySecret } = await createKey(deps, scope, request.UserId);
  return { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret };
};
