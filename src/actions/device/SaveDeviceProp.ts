import { setProps } from '../../domain/device-props.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const SaveDeviceProp: Handler<'SaveDeviceProp'> = async (deps, scope, request) => {
  await setProps(deps, scope, { device: selectorOf(request), text: request.Props });
  return {};
};
