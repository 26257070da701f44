import type { GroupTexts } from './group-texts.ts';

/** Devices that one call puts into a group or takes out of it (openapi-devices 4). */
export const MEMBERS_AT_A_TIME = 200;

/** What came of adding devices to a group. */
export interface AddedMembers {
  readonly added: number;
  readonly already: number;
  readonly valid: number;
  readonly exceeding: number;
}

/** @param asked number of the names that were given */
export function sayAdded(
  t: GroupTexts,
  number: (value: number) => string,
  { added, already, valid, exceeding }: AddedMembers,
  asked: number,
): string {
  const all = t.added(number(added), number(already), number(asked - valid));
  return exceeding > 0 ? `${all} ${t.exceeding(number(exceeding))}` : all;
}

/** Actions whose answers change with the members of a group. */
export const memberAnswers = ['QueryDeviceListByDeviceGroup', 'QueryDeviceGroupInfo'] as const;
