import { describe, expect, it } from 'vitest';
import { eventTypes } from '../../../src/contract/event-types.ts';
import { judge } from '../../../src/domain/webhook-attempts.ts';
import { matchingTypes } from '../../../src/domain/webhooks.ts';

const answered = (status: number, retryAfterMs?: number) => ({ kind: 'answered' as const, status, retryAfterMs });
const never = () => 0;
const always = (below: number) => below - 1;
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

describe('the verdict on an attempt', () => {
  it.each([200, 201, 202, 204, 299])('is success for %d', (status) => {
    expect(judge(answered(status), 10)).toEqual({ state: 'done', note: `answered ${status}` });
  });

  it.each([100, 199, 301, 302, 307, 308, 400, 401, 404, 500, 503])('is failure for %d', (status) => {
    expect(judge(answered(status), 1, never)).toMatchObject({ state: 'due', afterMs: 5 * SECOND });
  });

  it('says that a redirect is not followed', () => {
    expect(judge(answered(302), 1).note).toBe('answered 302; redirects are not followed');
  });

  it('waits by the table, by up to a fifth longer, and gives up after the tenth attempt', () => {
    const table = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)];
    const failure = { kind: 'failed' as const, reason: 'the connection was refused' };
    const waits = (random: (below: number) => number) =>
      table.map((_, index) => {
        const verdict = judge(failure, index + 1, random);
        return verdict.state === 'due' ? verdict.afterMs : verdict.state;
      });
    expect(waits(never)).toEqual(table);
    expect(waits(always)).toEqual(table.map((ms) => ms * 1.2 - 1));
    expect(judge(failure, 10)).toEqual({ state: 'dead', note: 'the connection was refused' });
  });

  it.each([429, 502, 504])(
    'leaves a receiver that answers %d alone for as long as it asks, within bounds',
    (status) => {
      expect(judge(answered(status, 2 * MINUTE), 1, never)).toMatchObject({ holdMs: 2 * MINUTE, afterMs: 2 * MINUTE });
      // the table is obeyed, too
      expect(judge(answered(status, MINUTE), 2, never)).toMatchObject({ holdMs: MINUTE, afterMs: 5 * MINUTE });
      expect(judge(answered(status, 48 * HOUR), 1, never)).toMatchObject({ holdMs: HOUR, afterMs: HOUR });
      expect(judge(answered(status), 1, never)).not.toHaveProperty('holdMs');
      expect(judge(answered(status, MINUTE), 10)).toMatchObject({ state: 'dead', holdMs: MINUTE });
    },
  );

  it('takes no notice of such a wish with another answer', () => {
    expect(judge(answered(500, HOUR), 1, never)).toMatchObject({ afterMs: 5 * SECOND });
    expect(judge(answered(200, HOUR), 1)).toEqual({ state: 'done', note: 'answered 200' });
  });

  it('hears from 410 that the endpoint is gone', () => {
    expect(judge(answered(410), 1)).toMatchObject({ state: 'due', gone: true });
  });
});

describe('the filter by event types', () => {
  it('takes types, families of them and all', () => {
    expect(matchingTypes(['ota.job.updated'])).toEqual(['ota.job.updated']);
    expect(matchingTypes(['ota.task.*', 'device.online'])).toEqual([
      'device.online',
      'ota.task.succeeded',
      'ota.task.failed',
      'ota.task.canceled',
      'ota.task.progress',
    ]);
    expect(matchingTypes(['*'])).toEqual([...eventTypes]);
    expect(matchingTypes(['ota.task'])).toEqual([]);
  });
});
