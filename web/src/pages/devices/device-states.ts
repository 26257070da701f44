import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { chinaTime } from './device-status.ts';

interface DeviceState {
  readonly status: string;
  /** ISO 8601; undefined when it never was. */
  readonly lastOnline: string | undefined;
}

/** The states of devices of a list, 50 at most, by their IotIds. */
export function useDeviceStates(ids: readonly string[]): ReadonlyMap<string, DeviceState> {
  const may = useMay();
  const { data } = useAnswer(
    'BatchGetDeviceState',
    { IotId: [...ids] },
    { every: 15_000, keepLast: true, when: ids.length > 0 && may('BatchGetDeviceState') },
  );
  return new Map(
    data?.DeviceStatusList.DeviceStatus.map((state) => [
      state.IotId,
      { status: state.Status, lastOnline: chinaTime(state.LastOnlineTime) },
    ]),
  );
}
