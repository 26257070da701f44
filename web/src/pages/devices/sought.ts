import { mayBeginDeviceName, mayBeginNickname } from '../../../../src/contract/names.ts';
import { namesIn } from '../../lib/names-in.ts';
import type { DeviceStatus } from './device-status.ts';

/** What somebody looks for in a list of devices. */
export type Sought =
  | { readonly kind: 'all' }
  /** Names and nicknames that begin so. */
  | { readonly kind: 'begun'; readonly text: string }
  /** Whole names. */
  | { readonly kind: 'names'; readonly names: readonly string[] };

/** One word is how names and nicknames begin, several are whole names. @param begins whether beginnings can be asked for */
export function soughtIn(text: string, begins: boolean): Sought {
  const names = namesIn(text);
  const [first] = names;
  if (first === undefined) return { kind: 'all' };
  return begins && names.length === 1 ? { kind: 'begun', text: first } : { kind: 'names', names };
}

/** Which of the devices that begin so are asked for. */
export interface Begun {
  readonly productKey: string;
  readonly status: DeviceStatus | undefined;
  readonly text: string;
}

/**
 * The conditions that find devices by the beginning of their names, and the others by that of their nicknames; undefined
 * where no name, or no nickname, can begin so. What can needs no escape within quotes.
 */
export function conditionsOf({ productKey, status, text }: Begun) {
  const inProduct = `product_key = "${productKey}"${status ? ` AND status = "${status}"` : ''}`;
  const byName = mayBeginDeviceName(text);
  const notByName = byName ? ` AND name NOT LIKE "${text}%"` : '';
  return {
    names: byName ? `${inProduct} AND name LIKE "${text}%"` : undefined,
    nicknames: mayBeginNickname(text) ? `${inProduct} AND nickname LIKE "${text}%"${notByName}` : undefined,
  };
}

/** Whether a name or nickname can begin so at all. */
export const canBegin = (text: string): boolean => mayBeginDeviceName(text) || mayBeginNickname(text);

/** Where rows of a list that goes on in a second one stand: so many of each, from so many on. */
export function rowsOf(first: number, offset: number, limit: number) {
  const inFirst = Math.max(0, Math.min(limit, first - offset));
  return {
    first: { offset, limit: inFirst },
    second: { offset: Math.max(0, offset - first), limit: limit - inFirst },
  };
}
