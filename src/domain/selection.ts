import type { Limits } from '../contract/limits.ts';
import { fail } from './failure.ts';
import { isDeviceName, isOpaqueId, isVersion } from './names.ts';
import { percentText, readPercent } from './rollout/gray.ts';

/** Which devices a static job is for, as a client says it (openapi-ota 4.9). */
export interface Selection {
  readonly target: string;
  readonly srcVersions: readonly string[] | undefined;
  readonly deviceNames: readonly string[] | undefined;
  readonly listFileUrl: string | undefined;
  readonly grayPercent: string | undefined;
  readonly groupId: string | undefined;
  readonly groupType: string | undefined;
}

/** The same, checked: what a target does not use is empty. */
export interface CheckedSelection {
  readonly target: 'ALL' | 'SPECIFIC' | 'GRAY' | 'GROUP';
  readonly srcVersions: readonly string[];
  readonly deviceNames: readonly string[];
  readonly listFileUrl: string | null;
  /** In the form of the answers. */
  readonly grayPercent: string | null;
  readonly groupId: string | null;
}

const illegal = (parameter: string) => fail('common.invalidParameter', { Parameter: parameter });

const targets: readonly string[] = ['ALL', 'SPECIFIC', 'GRAY', 'GROUP'];
const isTarget = (text: string): text is CheckedSelection['target'] => targets.includes(text);

/** Checks what goes with which target (the pairing table of openapi-ota 4.9). @throws common.invalidParameter, device.*, group.* */
export function checkSelection(selection: Selection, limits: Pick<Limits, 'staticTargets'>): CheckedSelection {
  const { target, srcVersions, deviceNames, listFileUrl, grayPercent, groupId, groupType } = selection;
  if (!isTarget(target)) return illegal('TargetSelection');
  const refuse = (given: unknown, parameter: string) => given !== undefined && illegal(parameter);
  if (target !== 'GRAY') refuse(grayPercent, 'GrayPercent');
  if (target !== 'GROUP') {
    refuse(groupId, 'GroupId');
    refuse(groupType, 'GroupType');
  }
  if (target !== 'SPECIFIC') {
    refuse(deviceNames, 'TargetDeviceName');
    refuse(listFileUrl, 'DnListFileUrl');
  }
  if (target === 'SPECIFIC' || target === 'GROUP') refuse(srcVersions, 'SrcVersion');
  // exactly one of the two
  if (deviceNames !== undefined) refuse(listFileUrl, 'DnListFileUrl');
  return {
    target,
    srcVersions: checkSrcVersions(srcVersions ?? []),
    deviceNames:
      target === 'SPECIFIC' && listFileUrl === undefined
        ? checkTargetNames(deviceNames ?? [], limits.staticTargets)
        : [],
    listFileUrl: listFileUrl ?? null,
    grayPercent: target === 'GRAY' ? percentText(readPercent(grayPercent ?? '') ?? illegal('GrayPercent')) : null,
    groupId: target === 'GROUP' ? checkGroup(groupId, groupType) : null,
  };
}

/** @throws group.nullId, group.notFound for what could be no id, common.invalidParameter */
function checkGroup(groupId: string | undefined, groupType: string | undefined): string {
  if (groupId === undefined) fail('group.nullId');
  if (groupType !== 'LINK_PLATFORM') illegal('GroupType');
  return isOpaqueId(groupId) ? groupId : fail('group.notFound');
}

/** @param parameter what the caller calls the list */
export function checkSrcVersions(
  versions: readonly string[],
  { most = 10, parameter = 'SrcVersion' } = {},
): readonly string[] {
  if (versions.length > most || new Set(versions).size !== versions.length) illegal(parameter);
  if (!versions.every(isVersion)) illegal(parameter);
  return versions;
}

/** @throws device.noNames, device.tooManyNames, device.malformedNameInList, common.invalidParameter for a duplicate */
export function checkTargetNames(names: readonly string[], most: number): readonly string[] {
  if (names.length === 0) fail('device.noNames');
  if (names.length > most) fail('device.tooManyNames');
  if (!names.every(isDeviceName)) fail('device.malformedNameInList');
  if (new Set(names).size !== names.length) illegal('TargetDeviceName');
  return names;
}
