import { useQuery } from '@tanstack/react-query';
import { type AnswerOf, callAction } from '../../api/client.ts';
import { useMay } from '../../app/session.tsx';

export type KnownDevice = AnswerOf<'BatchQueryDeviceDetail'>['Data']['Data'][number];

/** Names that one call takes. */
const AT_A_TIME = 100;

export interface KnownDevices {
  /** By name. */
  readonly devices: ReadonlyMap<string, KnownDevice>;
  /** Names that are no devices of the product. */
  readonly unknown: readonly string[];
}

interface Options {
  /** Milliseconds after which they are asked for anew. */
  readonly every?: number;
  readonly when?: boolean;
}

/** How they are asked for. @param names each a device name */
export const knownDevices = (productKey: string, names: readonly string[]) => ({
  queryKey: ['BatchQueryDeviceDetail', 'known', productKey, ...names],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<KnownDevices> => {
    const devices = new Map<string, KnownDevice>();
    for (let from = 0; from < names.length; from += AT_A_TIME) {
      const request = { ProductKey: productKey, DeviceName: names.slice(from, from + AT_A_TIME) };
      const { Data } = await callAction('BatchQueryDeviceDetail', request, signal);
      for (const device of Data.Data) devices.set(device.DeviceName, device);
    }
    return { devices, unknown: names.filter((name) => !devices.has(name)) };
  },
});

/** Devices of a product by their names, and the names that it does not know. @param names each a device name */
export function useKnownDevices(productKey: string, names: readonly string[], { every, when = true }: Options = {}) {
  const may = useMay();
  return useQuery({
    ...knownDevices(productKey, names),
    enabled: when && names.length > 0 && may('BatchQueryDeviceDetail'),
    refetchInterval: every ?? false,
  });
}
