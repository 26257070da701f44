import { fail } from './failure.ts';
import { characters, isCarriable } from './names.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What the caller may choose for any job (openapi-ota 3.2). */
export interface JobSettings {
  readonly timeoutMinutes?: number | undefined;
  readonly needPush?: boolean | undefined;
  readonly needConfirm?: boolean | undefined;
  readonly downloadProtocol?: string | undefined;
  readonly tags?: readonly Tag[] | undefined;
}

/** What it may choose for a rollout. */
export interface RolloutSettings extends JobSettings {
  readonly retryInterval?: number | undefined;
  readonly retryCount?: number | undefined;
  readonly maximumPerMinute?: number | undefined;
  readonly overwriteMode?: number | undefined;
  readonly multiModule?: boolean | undefined;
  readonly scheduleAt?: number | undefined;
  readonly scheduleFinishAt?: number | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const illegal = (parameter: string) => fail('common.invalidParameter', { Parameter: parameter });

export function checkJobSettings(settings: JobSettings): void {
  const { timeoutMinutes: timeout, downloadProtocol } = settings;
  if (timeout !== undefined && (timeout < 1 || timeout > 1440)) fail('ota.invalidTimeout');
  if (downloadProtocol && downloadProtocol !== 'HTTPS' && downloadProtocol !== 'MQTT') illegal('DownloadProtocol');
  checkTags(settings.tags ?? []);
}

/**
 * C 4.x looks keys up in the text of the message and takes the first: a tag of such a name would pass for a member
 * that the message leaves out (device-protocol 4.2).
 */
const misread: ReadonlySet<string> = new Set([
  'module',
  'files',
  'isDiff',
  'dProtocol',
  'streamId',
  'streamFileId',
  'digestsign',
]);

/** @param parameter what the caller calls the list */
export function checkTags(tags: readonly Tag[], parameter = 'Tag'): void {
  if (tags.length > 10) fail('ota.jobTagTooLong');
  let length = 0;
  for (const { key, value } of tags) {
    if (!/^[A-Za-z0-9.]{1,30}$/.test(key) || misread.has(key)) illegal(`${parameter}.Key`);
    if (value === '' || !isCarriable(value)) illegal(`${parameter}.Value`);
    if (characters(value) > 1024) fail('ota.jobTagTooLong');
    length += characters(key) + characters(value);
  }
  if (length > 4096) fail('ota.jobTagTooLong');
  if (new Set(tags.map((tag) => tag.key)).size !== tags.length) illegal(`${parameter}.Key`);
}

export function checkRolloutSettings(settings: RolloutSettings, now: number): void {
  checkJobSettings(settings);
  const { retryInterval, retryCount, maximumPerMinute, overwriteMode, timeoutMinutes } = settings;
  if (maximumPerMinute !== undefined && (maximumPerMinute < 10 || maximumPerMinute > 10_000)) {
    fail('ota.invalidMaximumPerMinute');
  }
  if (retryInterval !== undefined) {
    if (![0, 10, 30, 60, 1440].includes(retryInterval)) illegal('RetryInterval');
    if (retryCount === undefined) illegal('RetryCount');
    if (timeoutMinutes !== undefined && retryInterval >= timeoutMinutes) illegal('RetryInterval');
  }
  if (retryCount !== undefined && ![1, 2, 5].includes(retryCount)) illegal('RetryCount');
  if (retryCount !== undefined && retryInterval === undefined) illegal('RetryInterval');
  if (overwriteMode !== undefined && overwriteMode !== 1 && overwriteMode !== 2) illegal('OverwriteMode');
  // the two would contradict each other (openapi-ota 6.4)
  if (settings.multiModule && overwriteMode === 2) illegal('OverwriteMode');
  checkSchedule(settings, now);
}

function checkSchedule({ scheduleAt, scheduleFinishAt }: RolloutSettings, now: number): void {
  if (scheduleAt !== undefined && (scheduleAt < now + 5 * MINUTE || scheduleAt > now + 7 * DAY))
    illegal('ScheduleTime');
  if (scheduleFinishAt === undefined) return;
  // a forced end without a start is unconfirmed and refused (openapi-ota 6.8)
  if (scheduleAt === undefined) return illegal('ScheduleFinishTime');
  if (scheduleFinishAt < scheduleAt + HOUR || scheduleFinishAt > scheduleAt + 30 * DAY) illegal('ScheduleFinishTime');
}
