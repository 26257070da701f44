import { setNicknames } from '../../domain/nicknames.ts';
import type { Handler } from '../handler.ts';
import { selectorOf } from './members.ts';

export const BatchUpdateDeviceNickname: Handler<'BatchUpdateDeviceNickname'> = async (deps, scope, request) => {
  const entries = request.DeviceNicknameInfo.map((entry) => ({ device: selectorOf(entry), nickname: entry.Nickname }));
  await setNicknames(deps, scope, entries);
  return {};
};
