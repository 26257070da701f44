import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../api/client.ts';
import {
  culpritOf,
  type Draft,
  dynamicRequest,
  faultsIn,
  needsList,
  newDraft,
  type Package,
  previewRequest,
  staticRequest,
  verifyRequest,
} from './draft.ts';
import { draftAsText, draftInText } from './draft-text.ts';

const now = Date.parse('2026-11-26T12:00');
const firmware = { FirmwareId: 'f', ProductKey: 'p' } as Package;
const draft = (changes: Partial<Draft> = {}, kind: Draft['kind'] = 'static'): Draft => ({
  ...newDraft(kind),
  ...changes,
});
const fileList = { url: 'u', file: 'lamps.csv', count: 2 };
const defined = (request: object) => JSON.parse(JSON.stringify(request)) as Record<string, unknown>;

describe('a draft of a job', () => {
  it('is fit to be sent as it begins, once somebody is meant', () => {
    expect(faultsIn(draft(), 'who', now)).toEqual({});
    expect(faultsIn(draft(), 'how', now)).toEqual({});
    expect(faultsIn(draft({ target: 'SPECIFIC' }), 'who', now)).toEqual({ names: 'names' });
    expect(faultsIn(draft({ target: 'SPECIFIC', names: 'lamp-1' }), 'who', now)).toEqual({});
    expect(faultsIn(draft({ target: 'SPECIFIC', names: 'lamp-1 x' }), 'who', now)).toEqual({ names: 'badNames' });
    expect(faultsIn(draft({ target: 'SPECIFIC', list: fileList }), 'who', now)).toEqual({});
    expect(faultsIn(draft({ target: 'GROUP' }), 'who', now)).toEqual({ group: 'group' });
    expect(faultsIn(draft({}, 'dynamic'), 'who', now)).toEqual({ versions: 'versions' });
    expect(faultsIn(draft({ dynamicBy: 'group' }, 'dynamic'), 'who', now)).toEqual({ dynamicGroup: 'group' });
    expect(faultsIn(draft({}, 'verify'), 'who', now)).toEqual({ names: 'testNames' });
    expect(faultsIn(draft({ names: 'lamp-1\nlamp-2' }, 'verify'), 'who', now)).toEqual({});
  });

  it('waits for a retry less long than a device may take', () => {
    const faults = (changes: Partial<Draft>) => faultsIn(draft({ retryCount: '1', ...changes }), 'how', now);
    expect(faults({ retryInterval: '30', timeout: '60' })).toEqual({});
    expect(faults({ retryInterval: '60', timeout: '60' })).toEqual({ retryInterval: 'interval' });
    expect(faults({ retryInterval: '1440', timeout: '' })).toEqual({});
    expect(faults({ retryInterval: '1440', timeout: '60', retryCount: '0' })).toEqual({});
  });

  it('takes percentages with up to three decimals', () => {
    const faults = (percent: string) => faultsIn(draft({ target: 'GRAY', percent }), 'who', now);
    for (const percent of ['0.001', '10', '100']) expect(faults(percent)).toEqual({});
    for (const percent of ['0', '101', '1.2345', 'ten', '']) expect(faults(percent)).toEqual({ percent: 'percent' });
  });

  it('takes the rates, timeouts and tags that the API takes', () => {
    expect(faultsIn(draft({ rate: '9', timeout: '1441', tags: 'x' }), 'how', now)).toEqual({
      rate: 'rate',
      timeout: 'timeout',
      tags: 'tags',
    });
    expect(faultsIn(draft({ rate: '10000', timeout: '', tags: 'a=b' }), 'how', now)).toEqual({});
  });

  it('starts between five minutes and seven days from now, and ends an hour to thirty days later', () => {
    const faults = (startAt: string, endAt = '') => faultsIn(draft({ start: 'planned', startAt, endAt }), 'how', now);
    expect(faults('2026-11-26T12:05')).toEqual({});
    for (const time of ['', '2026-11-26T12:04', '2026-12-04T12:00']) expect(faults(time)).toEqual({ startAt: 'start' });
    expect(faults('2026-11-26T13:00', '2026-11-26T14:00')).toEqual({});
    expect(faults('2026-11-26T13:00', '2026-11-26T13:59')).toEqual({ endAt: 'end' });
    expect(faultsIn(draft({ endAt: '2027-01-01T12:00' }), 'how', now)).toEqual({ endAt: 'end' });
  });

  it('asks for what its target uses and for nothing else', () => {
    const all = defined(staticRequest(draft({ names: 'a', group: 'g', versions: '1\n2' }), firmware));
    expect(all).toMatchObject({ FirmwareId: 'f', ProductKey: 'p', TargetSelection: 'ALL', SrcVersion: ['1', '2'] });
    expect(Object.keys(all)).not.toEqual(expect.arrayContaining(['TargetDeviceName']));
    expect(all).not.toHaveProperty('GroupId');
    expect(all).not.toHaveProperty('RetryCount');
    const named = defined(staticRequest(draft({ target: 'SPECIFIC', names: 'a,b，c d', versions: '1' }), firmware));
    expect(named).toMatchObject({ TargetDeviceName: ['a', 'b', 'c', 'd'] });
    expect(named).not.toHaveProperty('SrcVersion');
    const listed = draft({ target: 'SPECIFIC', names: 'a', list: fileList });
    expect(defined(staticRequest(listed, firmware))).toMatchObject({ DnListFileUrl: 'u' });
    expect(defined(staticRequest(listed, firmware))).not.toHaveProperty('TargetDeviceName');
  });

  it('goes with a list where its names are too many for a call', () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `lamp-${index}`).join('\n');
    const many = draft({ target: 'SPECIFIC', names: names(201) });
    expect([draft({ target: 'SPECIFIC', names: names(200) }), many].map(needsList)).toEqual([false, true]);
    const list = { url: 'u', file: undefined, count: 201 };
    expect(needsList({ ...many, list })).toBe(false);
    expect(needsList({ ...many, kind: 'dynamic' })).toBe(false);
    expect(defined(staticRequest({ ...many, list }, firmware))).toMatchObject({ DnListFileUrl: 'u' });
    expect(faultsIn({ ...many, names: '', list }, 'who', now)).toEqual({ names: 'names' });
  });

  it('is kept by a tab as it is, and taken up only where it has the same members', () => {
    const kept = draft({ target: 'SPECIFIC', names: 'lamp-1', list: fileList, start: 'planned' });
    expect(draftInText(draftAsText(kept))).toEqual(kept);
    for (const text of ['', '{', 'null', '[]', JSON.stringify({ shape: 0, draft: kept })])
      expect(draftInText(text)).toBeUndefined();
  });

  it('is previewed as it will be made', () => {
    const dynamic = draft({ versions: '1', retryCount: '2' }, 'dynamic');
    expect(defined(previewRequest(dynamic, firmware))).toEqual({
      SelectionType: 'DYNAMIC',
      ...defined(dynamicRequest(dynamic, firmware)),
    });
    expect(defined(dynamicRequest(dynamic, firmware))).toMatchObject({
      DynamicMode: 1,
      RetryCount: 2,
      RetryInterval: 10,
    });
    expect(defined(verifyRequest(draft({ names: 'a' }, 'verify'), firmware))).not.toHaveProperty('MaximumPerMinute');
  });
});

it('knows the field that a refusal is about', () => {
  const refusal = (code: string, message = '') => new Refusal(400, code, message, 'r');
  const format = 'The parameter format is invalid: ScheduleTime.';
  expect(culpritOf(refusal('iot.common.InvalidFormattedParameter', format))).toEqual({ step: 'how', field: 'startAt' });
  expect(culpritOf(refusal('iot.ota.InvalidTimeout'))).toEqual({ step: 'how', field: 'timeout' });
  expect(culpritOf(refusal('iot.device.NotExistedDevice'))).toEqual({ step: 'who', field: 'names' });
  expect(culpritOf(refusal('iot.group.NotExistedGroup'))).toEqual({ step: 'who', field: 'group' });
  expect(culpritOf(refusal('iot.system.SystemException'))).toBeUndefined();
  expect(culpritOf(new Error('x'))).toBeUndefined();
});
