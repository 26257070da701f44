import { propsText } from '../../domain/device-props.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const QueryDeviceProp: Handler<'QueryDeviceProp'> = async (deps, scope, request) => {
  return { Props: await propsText(deps, scope, selectorOf(request)) };
};
