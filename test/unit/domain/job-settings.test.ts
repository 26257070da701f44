import { describe, expect, it, test } from 'vitest';
import { checkJobSettings, checkRolloutSettings, type RolloutSettings } from '../../../src/domain/job-settings.ts';
import { illegal, refusal } from './refusal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.UTC(2030, 0, 1);

const rollout = (settings: RolloutSettings) => refusal(() => checkRolloutSettings(settings, now));

test('a job may be made without any setting', () => {
  expect(rollout({})).toBeUndefined();
  expect(refusal(() => checkJobSettings({}))).toBeUndefined();
});

test.each([1, 2, 59, 60, 1440])('a timeout of %i minutes is taken', (timeoutMinutes) => {
  expect(rollout({ timeoutMinutes })).toBeUndefined();
});

test.each([0, -1, 1441, 2_147_483_647])('a timeout of %i minutes is refused', (timeoutMinutes) => {
  expect(rollout({ timeoutMinutes })).toBe('ota.invalidTimeout');
  expect(refusal(() => checkJobSettings({ timeoutMinutes }))).toBe('ota.invalidTimeout');
});

test('10 to 10,000 pushes a minute are taken', () => {
  for (const maximumPerMinute of [10, 1000, 10_000]) expect(rollout({ maximumPerMinute })).toBeUndefined();
  for (const maximumPerMinute of [-1, 0, 9, 10_001]) {
    expect(rollout({ maximumPerMinute })).toBe('ota.invalidMaximumPerMinute');
  }
});

describe('a retry policy', () => {
  it('has one of the documented intervals and counts', () => {
    for (const retryInterval of [0, 10, 30, 60, 1440]) {
      for (const retryCount of [1, 2, 5]) expect(rollout({ retryInterval, retryCount })).toBeUndefined();
    }
    for (const retryInterval of [-1, 1, 20, 1439]) {
      expect(rollout({ retryInterval, retryCount: 1 })).toBe(illegal('RetryInterval'));
    }
    for (const retryCount of [-1, 0, 3, 6]) {
      expect(rollout({ retryInterval: 0, retryCount })).toBe(illegal('RetryCount'));
    }
  });

  it('is given whole or not at all', () => {
    expect(rollout({ retryInterval: 10 })).toBe(illegal('RetryCount'));
    expect(rollout({ retryCount: 1 })).toBe(illegal('RetryInterval'));
  });

  it('is shorter than the timeout', () => {
    const retryCount = 1;
    expect(rollout({ retryInterval: 30, retryCount, timeoutMinutes: 60 })).toBeUndefined();
    expect(rollout({ retryInterval: 60, retryCount, timeoutMinutes: 60 })).toBe(illegal('RetryInterval'));
    expect(rollout({ retryInterval: 60, retryCount, timeoutMinutes: 1440 })).toBeUndefined();
    expect(rollout({ retryInterval: 1440, retryCount, timeoutMinutes: 1440 })).toBe(illegal('RetryInterval'));
    expect(rollout({ retryInterval: 0, retryCount, timeoutMinutes: 1 })).toBeUndefined();
  });
});

test('an overwrite mode is 1 or 2, and 2 excludes several modules at a time', () => {
  for (const overwriteMode of [1, 2]) expect(rollout({ overwriteMode })).toBeUndefined();
  for (const overwriteMode of [0, 3, -1]) expect(rollout({ overwriteMode })).toBe(illegal('OverwriteMode'));
  expect(rollout({ overwriteMode: 1, multiModule: true })).toBeUndefined();
  expect(rollout({ overwriteMode: 2, multiModule: true })).toBe(illegal('OverwriteMode'));
  expect(rollout({ overwriteMode: 2, multiModule: false })).toBeUndefined();
});

describe('a schedule', () => {
  it('starts 5 minutes to 7 days from now', () => {
    expect(rollout({ scheduleAt: now + 5 * MINUTE })).toBeUndefined();
    expect(rollout({ scheduleAt: now + 7 * DAY })).toBeUndefined();
    for (const scheduleAt of [0, now, now + 5 * MINUTE - 1, now + 7 * DAY + 1]) {
      expect(rollout({ scheduleAt })).toBe(illegal('ScheduleTime'));
    }
  });

  it('ends an hour to 30 days after its start, or never', () => {
    const scheduleAt = now + HOUR;
    expect(rollout({ scheduleAt, scheduleFinishAt: scheduleAt + HOUR })).toBeUndefined();
    expect(rollout({ scheduleAt, scheduleFinishAt: scheduleAt + 30 * DAY })).toBeUndefined();
    for (const scheduleFinishAt of [scheduleAt, scheduleAt + HOUR - 1, scheduleAt + 30 * DAY + 1]) {
      expect(rollout({ scheduleAt, scheduleFinishAt })).toBe(illegal('ScheduleFinishTime'));
    }
  });

  it('has no end without a start', () => {
    expect(rollout({ scheduleFinishAt: now + DAY })).toBe(illegal('ScheduleFinishTime'));
  });
});

test('a package is downloaded over HTTPS or MQTT', () => {
  expect(refusal(() => checkJobSettings({ downloadProtocol: 'MQTT' }))).toBeUndefined();
  expect(refusal(() => checkJobSettings({ downloadProtocol: 'HTTPS' }))).toBeUndefined();
  expect(refusal(() => checkJobSettings({ downloadProtocol: 'ftp' }))).toBe(illegal('DownloadProtocol'));
});

describe('tags', () => {
  const tags = (...list: [string, string][]) =>
    refusal(() => checkJobSettings({ tags: list.map(([key, value]) => ({ key, value })) }));
  const long = (length: number) => '灯'.repeat(length);

  it('have keys of 1 to 30 letters, digits and points', () => {
    expect(tags(['a', '1'], ['A.b.9', 'x'], ['k'.repeat(30), 'x'])).toBeUndefined();
    for (const key of ['', 'a-b', 'a_b', 'a b', '灯', 'k'.repeat(31)])
      expect(tags([key, 'x']), key).toBe(illegal('Tag.Key'));
  });

  it('have values of 1 to 1,024 characters that every format can carry', () => {
    expect(tags(['k', long(1024)])).toBeUndefined();
    expect(tags(['k', '😀'.repeat(1024)])).toBeUndefined();
    expect(tags(['k', long(1025)])).toBe('ota.jobTagTooLong');
    for (const value of ['', 'a\0b', '\ud800', '\u0001']) expect(tags(['k', value])).toBe(illegal('Tag.Value'));
  });

  it('are at most 10, each key once, 4,096 characters together', () => {
    const many = (count: number): [string, string][] => Array.from({ length: count }, (_, i) => [`k${i}`, 'x']);
    expect(tags(...many(10))).toBeUndefined();
    expect(tags(...many(11))).toBe('ota.jobTagTooLong');
    expect(tags(['k', 'x'], ['k', 'y'])).toBe(illegal('Tag.Key'));
    const three: [string, string][] = ['a', 'b', 'c'].map((key) => [key, long(1024)]);
    expect(tags(...three, ['d', long(1020)])).toBeUndefined();
    expect(tags(...three, ['d', long(1021)])).toBe('ota.jobTagTooLong');
  });
});
