import { removeProp } from '../../domain/device-props.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const DeleteDeviceProp: Handler<'DeleteDeviceProp'> = async (deps, scope, request) => {
  await removeProp(deps, scope, { device: selectorOf(request), key: request.PropKey });
  return {};
};
