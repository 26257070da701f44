import { type AnswerOf, callAction, Refusal } from '../../api/client.ts';
import { chinaTime } from './device-status.ts';
import type { ListedDevice } from './every-device.ts';
import { type Begun, conditionsOf, rowsOf } from './sought.ts';

/** What a search refuses that would have to look at too many devices. */
const TOO_MANY = 'iot.devicesearch.ConditionError';

export interface BegunPage {
  readonly devices: readonly ListedDevice[];
  readonly total: number;
  /** The product has too many devices to look at their nicknames. */
  readonly withoutNicknames: boolean;
}

/** A page of the devices whose names begin so, in the order of these, and then of those whose nicknames do. */
export async function pageOfBegun(
  begun: Begun,
  { page, size }: { readonly page: number; readonly size: number },
  signal: AbortSignal,
): Promise<BegunPage> {
  const { names, nicknames } = conditionsOf(begun);
  const ask = (sql: string) => callAction('QueryDeviceBySQL', { SQL: sql }, signal);
  const count = async (where: string | undefined) =>
    where === undefined ? 0 : ((await ask(`SELECT count(*) FROM device WHERE ${where}`)).TotalCount ?? 0);
  const rows = async (where: string | undefined, { offset, limit }: { offset: number; limit: number }) =>
    where === undefined || limit === 0
      ? []
      : (await ask(`SELECT * FROM device WHERE ${where} LIMIT ${offset},${limit}`)).Data;

  const byName = await count(names);
  const byNickname = await count(nicknames).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === TOO_MANY) return undefined;
    throw error;
  });
  const { first, second } = rowsOf(byName, (page - 1) * size, size);
  const found = await rows(names, first);
  const others = byNickname ? await rows(nicknames, second) : [];
  return {
    devices: [...found, ...others].map(listed),
    total: byName + (byNickname ?? 0),
    withoutNicknames: byNickname === undefined,
  };
}

const listed = (device: AnswerOf<'QueryDeviceBySQL'>['Data'][number]): ListedDevice => ({
  productKey: device.ProductKey ?? '',
  name: device.DeviceName ?? '',
  nickname: device.Nickname ?? '',
  status: device.Status ?? '',
  iotId: device.IotId,
  secret: '',
  createdAt: utc(device.GmtCreate),
});

/** As other actions tell the time. */
const utc = (gmtCreate: string | undefined) => {
  const time = chinaTime(gmtCreate);
  return time === undefined ? '' : new Date(time).toISOString();
};
