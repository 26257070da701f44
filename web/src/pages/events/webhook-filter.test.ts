import { describe, expect, it } from 'vitest';
import { isCovered, tickable } from './webhook-filter.ts';

describe('what a webhook is sent', () => {
  it('is offered by type, and by family where a family has several', () => {
    const offered = tickable(['*']);
    expect(offered.indexOf('ota.task.*')).toBe(offered.indexOf('ota.task.succeeded') - 1);
    expect(offered.filter((each) => each.endsWith('*'))).toEqual(['device.*', 'ota.task.*']);
    expect(offered).toContain('ota.job.updated');
  });

  it('stays choosable when it is named otherwise already', () => {
    expect(tickable(['ota.*', 'device.online']).filter((each) => !tickable([]).includes(each))).toEqual(['ota.*']);
  });

  it('is not sent twice by a family and a type in it', () => {
    expect(isCovered('ota.task.failed', new Set(['ota.task.*']))).toBe(true);
    expect(isCovered('ota.task.*', new Set(['ota.task.*']))).toBe(false);
    expect(isCovered('ota.job.updated', new Set(['ota.task.*']))).toBe(false);
  });
});
