import { useQueryClient } from '@tanstack/react-query';
import { isDeviceName } from '../../../../../src/contract/names.ts';
import { useMay } from '../../../app/session.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { useCalm } from '../../../lib/use-calm.ts';
import { type KnownDevice, knownDevices, useKnownDevices } from '../../devices/known-devices.ts';
import { type Draft, MOST_NAMES, type Package } from './draft.ts';

/** Who types is not to be told of half a name. */
const CALM_MS = 600;
const EVERY_MS = 10_000;

export interface TypedNames {
  /** What is known of the devices that are named. */
  readonly devices: ReadonlyMap<string, KnownDevice>;
  /** Names that are no devices of the product. None while that is not known. */
  readonly unknown: readonly string[];
  /** Looks now. @returns the unknown names; none where that cannot be known */
  readonly check: () => Promise<readonly string[]>;
}

const none: TypedNames['devices'] = new Map();

/** Names that go along with the job; one that is no device has it refused. Those of a list are passed over instead. */
export function namesSent({ kind, target, names, list }: Draft): readonly string[] {
  if (kind === 'dynamic' || (kind === 'static' && (target !== 'SPECIFIC' || list))) return [];
  const typed = namesIn(names);
  return typed.length <= MOST_NAMES ? typed.filter(isDeviceName) : [];
}

/** A text of names without some of them. */
export const without = (text: string, names: readonly string[]): string =>
  namesIn(text)
    .filter((name) => !names.includes(name))
    .join('\n');

/** Looks whether the typed names are devices of the package's product. */
export function useTypedNames(draft: Draft, { ProductKey = '' }: Package): TypedNames {
  const client = useQueryClient();
  const may = useMay();
  const now = namesSent(draft);
  const calm = useCalm(now.join(), CALM_MS);
  const { data } = useKnownDevices(ProductKey, calm === '' ? [] : calm.split(','), { every: EVERY_MS });
  return {
    devices: data?.devices ?? none,
    unknown: data?.unknown.filter((name) => now.includes(name)) ?? [],
    async check() {
      if (now.length === 0 || !may('BatchQueryDeviceDetail')) return [];
      try {
        return (await client.fetchQuery({ ...knownDevices(ProductKey, now), staleTime: 0 })).unknown;
      } catch {
        // the review, or the server at the latest, says what is wrong
        return [];
      }
    },
  };
}
