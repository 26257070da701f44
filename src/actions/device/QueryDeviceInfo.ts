import { getDeviceWithSecret } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';
import { identityMembers, selectorOf } from './members.ts';

export const QueryDeviceInfo: Handler<'QueryDeviceInfo'> = async (deps, scope, request) => {
  return { Data: identityMembers(await getDeviceWithSecret(deps, scope, selectorOf(request))) };
};
