import { checkNames } from '../../domain/device-applications.ts';
import type { Handler } from '../handler.ts';
import { badNameMembers } from './members.ts';

export const BatchCheckDeviceNames: Handler<'BatchCheckDeviceNames'> = async (deps, scope, request) => {
  const { DeviceName: names = [], DeviceNameList: namesWithNicknames = [] } = request;
  const answer = await checkNames(deps, scope, {
    productKey: request.ProductKey,
    names: [
      ...names.map((name) => ({ name })),
      ...namesWithNicknames.map((entry) => ({ name: entry.DeviceName, nickname: entry.DeviceNickname })),
    ],
  });
  return {
    Data: {
      ApplyId: answer.id,
      InvalidDeviceNameList: { InvalidDeviceName: answer.invalidNames },
      InvalidDeviceNicknameList: { InvalidDeviceNickname: answer.invalidNicknames },
      InvalidDetailList: { InvalidDetailList: answer.details.map(badNameMembers) },
      RepeatedDeviceNameList: { RepeatDevieNameList: answer.repeated },
    },
  };
};
