import { deleteDevice } from '../../domain/devices.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const DeleteDevice: Handler<'DeleteDevice'> = async (deps, scope, request) => {
  await deleteDevice(deps, scope, selectorOf(request));
  return {};
};
