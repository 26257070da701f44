import { enable } from '../../domain/device-states.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const EnableThing: Handler<'EnableThing'> = async (deps, scope, request) => {
  await enable(deps, scope, selectorOf(request));
  return {};
};
