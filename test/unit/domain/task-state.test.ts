import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  begin,
  initialStatus,
  isUnfinished,
  type TaskEvent,
  taskStatuses,
  transition,
  unfinishedStatuses,
} from '../../../src/domain/task-state.ts';
import type { TaskStatus } from '../../../src/store/schema.ts';

const events: readonly TaskEvent[] = [
  'confirmed',
  'notified',
  'progressed',
  'arrived',
  'failed',
  'timedOut',
  'canceled',
  'overwritten',
  'repeated',
  'repeatedUnconfirmed',
];

/** The table of device-protocol 5.2, written down a second time: whatever is not here must change nothing. */
const table: readonly (readonly [TaskStatus, TaskEvent, TaskStatus])[] = [
  ['CONFIRM', 'confirmed', 'QUEUED'],
  ['CONFIRM', 'canceled', 'CANCELED'],
  ['CONFIRM', 'overwritten', 'CANCELED'],
  ['QUEUED', 'notified', 'NOTIFIED'],
  ['QUEUED', 'progressed', 'IN_PROGRESS'],
  ['QUEUED', 'arrived', 'SUCCEEDED'],
  ['QUEUED', 'canceled', 'CANCELED'],
  ['QUEUED', 'overwritten', 'CANCELED'],
  ['NOTIFIED', 'notified', 'NOTIFIED'],
  ['NOTIFIED', 'progressed', 'IN_PROGRESS'],
  ['NOTIFIED', 'arrived', 'SUCCEEDED'],
  ['NOTIFIED', 'failed', 'FAILED'],
  ['NOTIFIED', 'canceled', 'CANCELED'],
  ['NOTIFIED', 'overwritten', 'CANCELED'],
  ['IN_PROGRESS', 'notified', 'IN_PROGRESS'],
  ['IN_PROGRESS', 'progressed', 'IN_PROGRESS'],
  ['IN_PROGRESS', 'arrived', 'SUCCEEDED'],
  ['IN_PROGRESS', 'failed', 'FAILED'],
  ['IN_PROGRESS', 'timedOut', 'FAILED'],
  ['IN_PROGRESS', 'canceled', 'CANCELED'],
  ['FAILED', 'repeated', 'QUEUED'],
  ['FAILED', 'repeatedUnconfirmed', 'CONFIRM'],
  ['CANCELED', 'repeated', 'QUEUED'],
  ['CANCELED', 'repeatedUnconfirmed', 'CONFIRM'],
];

describe('the life of a task', () => {
  const cases = taskStatuses.flatMap((from) => events.map((event) => [from, event] as const));

  test.each(cases)('%s, %s', (from, event) => {
    const arrow = table.find((row) => row[0] === from && row[1] === event);
    expect(transition(from, event)).toBe(arrow?.[2]);
  });

  it('begins as device-protocol 5.2 says', () => {
    expect(begin('included')).toBe('QUEUED');
    expect(begin('includedUnconfirmed')).toBe('CONFIRM');
    expect(begin('refused')).toBe('FAILED');
    expect(begin('canceled')).toBe('CANCELED');
    expect([initialStatus({ need_confirm: 0 }), initialStatus({ need_confirm: 1 })]).toEqual(['QUEUED', 'CONFIRM']);
  });

  it('has the seven states of the reference, four of them unfinished', () => {
    expect([...taskStatuses].sort()).toEqual([
      'CANCELED',
      'CONFIRM',
      'FAILED',
      'IN_PROGRESS',
      'NOTIFIED',
      'QUEUED',
      'SUCCEEDED',
    ]);
    expect([...unfinishedStatuses].sort()).toEqual(['CONFIRM', 'IN_PROGRESS', 'NOTIFIED', 'QUEUED']);
    expect(taskStatuses.filter((status) => !isUnfinished(status)).sort()).toEqual(['CANCELED', 'FAILED', 'SUCCEEDED']);
  });

  it('is left by nothing but a wish to repeat once it has ended, and never after success', () => {
    const walk = fc.tuple(
      fc.constantFrom(...taskStatuses),
      fc.array(fc.constantFrom(...events.filter((event) => !event.startsWith('repeated'))), { maxLength: 30 }),
    );
    fc.assert(
      fc.property(walk, ([start, happenings]) => {
        let status = start;
        for (const event of happenings) {
          const next = transition(status, event) ?? status;
          if (!isUnfinished(status)) expect(next).toBe(status);
          status = next;
        }
        expect(transition('SUCCEEDED', 'repeated')).toBeUndefined();
        expect(transition('SUCCEEDED', 'repeatedUnconfirmed')).toBeUndefined();
      }),
    );
  });
});
