import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgress, progressLine } from '../../../src/cli/progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('the progress of a rollout', () => {
  it('shows each state as its part of the bar and as a number', () => {
    const counts = new Map([
      ['QUEUED', 10],
      ['SUCCEEDED', 20],
      ['FAILED', 10],
    ]);
    const bar = `${'#'.repeat(20)}${'x'.repeat(10)}${'.'.repeat(10)}`;
    expect(progressLine(counts)).toBe(`  [${bar}] SUCCEEDED 20  FAILED 10  QUEUED 10`);
  });

  it('has an empty bar before there are tasks', () => {
    expect(progressLine(new Map())).toBe(`  [${' '.repeat(40)}] `);
  });

  it('has a bar of the same width whatever the counts', () => {
    const states = ['SUCCEEDED', 'FAILED', 'CANCELED', 'IN_PROGRESS', 'NOTIFIED', 'QUEUED', 'CONFIRM'];
    const counts = fc.array(fc.tuple(fc.constantFrom(...states), fc.nat(1_000_000)));
    fc.assert(fc.property(counts, (entries) => void expect(progressLine(new Map(entries))).toMatch(/^ {2}\[.{40}\] /)));
  });

  it('writes over its line on a terminal, and ends it', () => {
    const screen = terminal(true);
    {
      using progress = createProgress(screen);
      progress.show(new Map([['QUEUED', 1]]));
      progress.show(new Map([['SUCCEEDED', 1]]));
    }
    expect(screen.written).toHaveLength(3);
    expect(screen.written[1]).toMatch(/^\r {2}\[#{40}\] SUCCEEDED 1\x1b\[K$/);
    expect(screen.written[2]).toBe('\n');
  });

  it('adds a line to a log only when something has changed', () => {
    const log = terminal(false);
    {
      using progress = createProgress(log);
      progress.show(new Map([['QUEUED', 1]]));
      progress.show(new Map([['QUEUED', 1]]));
      progress.show(new Map([['SUCCEEDED', 1]]));
    }
    expect(log.written).toEqual([`  [${'.'.repeat(40)}] QUEUED 1\n`, `  [${'#'.repeat(40)}] SUCCEEDED 1\n`]);
  });
});
