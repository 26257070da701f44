import { resetDevice } from '../../domain/device-reset.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const ResetThing: Handler<'ResetThing'> = async (deps, scope, request) => {
  await resetDevice(deps, scope, selectorOf(request));
  return {};
};
