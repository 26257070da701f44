import { disable } from '../../domain/device-states.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const DisableThing: Handler<'DisableThing'> = async (deps, scope, request) => {
  await disable(deps, scope, selectorOf(request));
  return {};
};
