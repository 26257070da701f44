import { describe, expect, test } from 'vitest';
import { type CancelFlags, statesToCancel } from '../../../src/domain/cancel.ts';
import { isBeingCanceled } from '../../../src/domain/cancellation.ts';

const none: CancelFlags = {
  scheduled: undefined,
  queued: undefined,
  notified: undefined,
  inProgress: undefined,
  unconfirmed: undefined,
};
const states = (flags: Partial<CancelFlags>, isScheduled = false) => statesToCancel({ ...none, ...flags }, isScheduled);

describe('the flags of CancelOTATaskByJob', () => {
  const [yes, no, absent] = [true, false, undefined];

  // the table of openapi-ota 4.18: absent is not false
  test.each([
    [yes, absent, ['CONFIRM', 'QUEUED']],
    [yes, yes, ['CONFIRM', 'QUEUED']],
    [yes, no, ['QUEUED']],
    [no, absent, []],
    [absent, absent, []],
    [no, yes, ['CONFIRM']],
    [absent, yes, ['CONFIRM']],
    [no, no, []],
    [absent, no, []],
  ])('CancelQueuedTask %s and CancelUnconfirmedTask %s cancel %j', (queued, unconfirmed, expected) => {
    expect(states({ queued, unconfirmed })).toEqual(expected);
  });

  test('for NOTIFIED and IN_PROGRESS mean these states and no other', () => {
    expect(states({ notified: true })).toEqual(['NOTIFIED']);
    expect(states({ inProgress: true })).toEqual(['IN_PROGRESS']);
    expect(states({ notified: false, inProgress: false })).toEqual([]);
    expect(states({ queued: true, notified: true, inProgress: true, unconfirmed: false })).toEqual([
      'QUEUED',
      'NOTIFIED',
      'IN_PROGRESS',
    ]);
  });

  test('for scheduled tasks mean the waiting ones of a scheduled job, and nothing of another', () => {
    expect(states({ scheduled: true }, true)).toEqual(['CONFIRM', 'QUEUED']);
    expect(states({ scheduled: true, unconfirmed: false }, true)).toEqual(['QUEUED']);
    expect(states({ scheduled: true, queued: false }, true)).toEqual(['CONFIRM', 'QUEUED']);
    expect(states({ scheduled: true }, false)).toEqual([]);
    expect(states({ scheduled: false }, true)).toEqual([]);
  });
});

test('a cancellation under way covers its states, up to its ordinal', () => {
  const job = { cancel_states: '["QUEUED","NOTIFIED"]', cancel_before: 5, cancel_text: null };
  expect(isBeingCanceled(job, { status: 'QUEUED', seq: 4 })).toBe(true);
  expect(isBeingCanceled(job, { status: 'QUEUED', seq: 5 })).toBe(false);
  expect(isBeingCanceled(job, { status: 'IN_PROGRESS', seq: 4 })).toBe(false);
  expect(isBeingCanceled({ ...job, cancel_before: null }, { status: 'NOTIFIED', seq: 9_999 })).toBe(true);
  expect(isBeingCanceled({ ...job, cancel_states: null }, { status: 'QUEUED', seq: 0 })).toBe(false);
});

test('of two cancellations under way each goes as far as it was meant', () => {
  const states = '["QUEUED","NOTIFIED",{"status":"QUEUED","before":5}]';
  const job = { cancel_states: states, cancel_before: 8, cancel_text: null };
  expect(isBeingCanceled(job, { status: 'QUEUED', seq: 4 })).toBe(true);
  expect(isBeingCanceled(job, { status: 'QUEUED', seq: 5 })).toBe(false);
  expect(isBeingCanceled(job, { status: 'NOTIFIED', seq: 7 })).toBe(true);
  expect(isBeingCanceled(job, { status: 'NOTIFIED', seq: 8 })).toBe(false);
});
