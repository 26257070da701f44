import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpaqueId } from '../../../src/domain/names.ts';
import { parseTaskId, taskId } from '../../../src/domain/task-id.ts';

const jobId = 'HvKuBpuk3rdk6E92CP0200';
const LAST_SEQ = 2 ** 31 - 1;

describe('a task id', () => {
  it('names the job and the ordinal that it was made of', () => {
    const anyJobId = fc.string({ unit: fc.constantFrom(...'09AZaz'), minLength: 1, maxLength: 26 });
    fc.assert(
      fc.property(anyJobId, fc.integer({ min: 0, max: LAST_SEQ }), (job, seq) => {
        expect(parseTaskId(taskId(job, seq))).toEqual({ jobId: job, seq });
      }),
    );
  });

  it('is letters and digits of the length that clients expect of ids', () => {
    for (const seq of [0, 1, 61, 62, 999_999, 1_000_000, LAST_SEQ]) {
      expect(taskId(jobId, seq)).toHaveLength(28);
      expect(isOpaqueId(taskId(jobId, seq))).toBe(true);
    }
  });

  it('sorts as the ordinals of its job do', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (a, b) => {
        expect(taskId(jobId, a) < taskId(jobId, b)).toBe(a < b);
      }),
    );
  });

  it('is not read out of what cannot be one', () => {
    for (const text of [
      '',
      '0',
      '000000',
      '-00000',
      `${jobId}00000-`,
      `${jobId}0000é0`,
      `${jobId}000 00`,
      `${jobId}zzzzzz`,
    ]) {
      expect(parseTaskId(text), text).toBeUndefined();
    }
  });
});
