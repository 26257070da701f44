import { describe, expect, it, test } from 'vitest';
import { limitProfiles } from '../../../src/contract/limits.ts';
import { checkSelection, checkTargetNames, type Selection } from '../../../src/domain/selection.ts';
import { illegal, refusal } from './refusal.ts';

describe('a selection', () => {
  const none: Selection = {
    target: 'ALL',
    srcVersions: undefined,
    deviceNames: undefined,
    listFileUrl: undefined,
    grayPercent: undefined,
    groupId: undefined,
    groupType: undefined,
  };
  const nothing = {
    target: 'ALL',
    srcVersions: [],
    deviceNames: [],
    listFileUrl: null,
    grayPercent: null,
    groupId: null,
  };
  const check = (selection: Partial<Selection>) => checkSelection({ ...none, ...selection }, limitProfiles.aliyun);
  const refused = (selection: Partial<Selection>) => refusal(() => check(selection));

  it('of ALL takes up to 10 different source versions', () => {
    expect(check({})).toEqual(nothing);
    expect(check({ srcVersions: ['1.0.0', '1.1.0'] })).toEqual({ ...nothing, srcVersions: ['1.0.0', '1.1.0'] });
    const versions = Array.from({ length: 11 }, (_, i) => `1.${i}`);
    expect(refused({ srcVersions: versions.slice(1) })).toBeUndefined();
    expect(refused({ srcVersions: versions })).toBe(illegal('SrcVersion'));
    expect(refused({ srcVersions: ['1', '1'] })).toBe(illegal('SrcVersion'));
    for (const version of ['', ' ', 'a'.repeat(65), '1\0']) {
      expect(refused({ srcVersions: [version] })).toBe(illegal('SrcVersion'));
    }
  });

  it('of SPECIFIC takes names', () => {
    const deviceNames = ['dev1', 'dev2'];
    expect(check({ target: 'SPECIFIC', deviceNames })).toEqual({ ...nothing, target: 'SPECIFIC', deviceNames });
    expect(refused({ target: 'SPECIFIC' })).toBe('device.noNames');
    expect(refused({ target: 'SPECIFIC', deviceNames: [] })).toBe('device.noNames');
  });

  it('of SPECIFIC takes a list in place of names, and not both', () => {
    const listFileUrl = 'https://x/y.csv';
    expect(check({ target: 'SPECIFIC', listFileUrl })).toEqual({ ...nothing, target: 'SPECIFIC', listFileUrl });
    expect(refused({ target: 'SPECIFIC', listFileUrl, deviceNames: ['dev1'] })).toBe(illegal('DnListFileUrl'));
  });

  it('of GRAY needs a percentage, and takes source versions', () => {
    const selection = { target: 'GRAY', grayPercent: '33.3', srcVersions: ['1.0.0'] };
    expect(check(selection)).toEqual({ ...nothing, ...selection, grayPercent: '33.30' });
    expect(refused({ target: 'GRAY' })).toBe(illegal('GrayPercent'));
    for (const grayPercent of [
      '',
      '0',
      '0.000',
      '100.001',
      '101',
      '1.2345',
      '-1',
      '1e1',
      ' 1',
      '1%',
      '.5',
      '1.',
      '٣',
    ]) {
      expect(refused({ target: 'GRAY', grayPercent }), grayPercent).toBe(illegal('GrayPercent'));
    }
  });

  it('of GROUP needs a group and its kind', () => {
    const group = { target: 'GROUP', groupId: 'g', groupType: 'LINK_PLATFORM' };
    expect(check(group)).toEqual({ ...nothing, target: 'GROUP', groupId: 'g' });
    expect(refused({ ...group, groupId: undefined })).toBe('group.nullId');
    expect(refused({ ...group, groupType: undefined })).toBe(illegal('GroupType'));
    expect(refused({ ...group, groupType: 'LINK_PLATFORM_DYNAMIC' })).toBe(illegal('GroupType'));
    expect(refused({ ...group, groupId: 'no\0id' })).toBe('group.notFound');
  });

  it('has no member of another target', () => {
    const members: Partial<Selection> = {
      srcVersions: ['1'],
      deviceNames: ['dev1'],
      listFileUrl: 'https://x/y',
      grayPercent: '10',
      groupId: 'g',
      groupType: 'LINK_PLATFORM',
    };
    const parameters: Readonly<Record<string, string>> = {
      srcVersions: 'SrcVersion',
      deviceNames: 'TargetDeviceName',
      listFileUrl: 'DnListFileUrl',
      grayPercent: 'GrayPercent',
      groupId: 'GroupId',
      groupType: 'GroupType',
    };
    const allowed: Readonly<Record<string, readonly string[]>> = {
      ALL: ['srcVersions'],
      GRAY: ['srcVersions', 'grayPercent'],
      SPECIFIC: ['deviceNames', 'listFileUrl'],
      GROUP: ['groupId', 'groupType'],
    };
    for (const [target, own] of Object.entries(allowed)) {
      for (const [member, parameter] of Object.entries(parameters)) {
        if (own.includes(member)) continue;
        const selection = { target, [member]: members[member as keyof Selection] };
        expect(refused(selection), `${target} with ${parameter}`).toBe(illegal(parameter));
      }
    }
  });

  it('of what does not exist is refused', () => {
    for (const target of ['', 'all', 'All', 'SOME']) expect(refused({ target })).toBe(illegal('TargetSelection'));
  });
});

test('target names are 1 to the limit, well-formed, each once', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `device-${i}`);
  const refused = (list: readonly string[]) => refusal(() => checkTargetNames(list, 200));
  expect(refused(names(200))).toBeUndefined();
  expect(refused(names(201))).toBe('device.tooManyNames');
  expect(refused([])).toBe('device.noNames');
  expect(refused(['dev1', 'dev2', 'dev1'])).toBe(illegal('TargetDeviceName'));
  for (const name of ['', 'abc', 'a'.repeat(33), 'dév1', 'dev 1', 'dev1\0']) {
    expect(refused(['dev1', name]), name).toBe('device.malformedNameInList');
  }
});
