import { expect, it } from 'vitest';
import { askAgainIn, type ListedJob, shownStatus } from './job.ts';

const none = { Confirm: 0, Queued: 0, Notified: 0, InProgress: 0, Succeeded: 0, Failed: 0, Canceled: 0 };
const job = (changes: Partial<ListedJob>, counts: Partial<typeof none> = {}) =>
  ({
    JobStatus: 'IN_PROGRESS',
    JobType: 'UPGRADE_FIRMWARE',
    SelectionType: 'STATIC',
    TaskCounts: { ...none, ...counts },
    ...changes,
  }) as ListedJob;
const answer = (listed: ListedJob) =>
  ({ Data: { SimpleOTAJobInfo: [listed] } }) as unknown as Parameters<typeof askAgainIn>[0];

it('tells a job that failed in part, and one that only finds no devices any more, from what their status says', () => {
  expect(shownStatus(job({ JobStatus: 'COMPLETED' }, { Succeeded: 2 }))).toBe('COMPLETED');
  expect(shownStatus(job({ JobStatus: 'COMPLETED' }, { Succeeded: 2, Failed: 1 }))).toBe('FAULTY');
  expect(shownStatus(job({ JobStatus: 'CANCELED' }))).toBe('CANCELED');
  expect(shownStatus(job({ JobStatus: 'CANCELED', SelectionType: 'DYNAMIC' }, { Queued: 1 }))).toBe('SEARCH_ENDED');
});

it('asks again at once where the end of a job is still to be noted', () => {
  const soon = askAgainIn(answer(job({}, { Succeeded: 3 })));
  const running = askAgainIn(answer(job({}, { Succeeded: 3, InProgress: 1 })));
  const over = askAgainIn(answer(job({ JobStatus: 'COMPLETED' }, { Succeeded: 3 })));
  const searching = askAgainIn(answer(job({ SelectionType: 'DYNAMIC' }, { Succeeded: 3 })));
  expect(soon).toBeLessThan(running);
  expect(running).toBeLessThan(over);
  expect(searching).toBe(running);
});
