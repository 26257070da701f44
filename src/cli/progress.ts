interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** How many tasks are in each state, as a line that moves. */
export interface Progress extends Disposable {
  show(counts: ReadonlyMap<string, number>): void;
}

const WIDTH = 40;
const order = [
  ['SUCCEEDED', '#'],
  ['FAILED', 'x'],
  ['CANCELED', '/'],
  ['IN_PROGRESS', '>'],
  ['NOTIFIED', '-'],
  ['QUEUED', '.'],
  ['CONFIRM', '?'],
] as const;

/** On a terminal one line is written over; elsewhere a line is added when it has changed. */
export function createProgress(terminal: Terminal): Progress {
  let shown = '';
  return {
    show(counts) {
      const line = progressLine(counts);
      if (line === shown) return;
      shown = line;
      terminal.write(terminal.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
    },
    [Symbol.dispose]() {
      if (terminal.isTTY && shown !== '') terminal.write('\n');
    },
  };
}

/** A bar of the states and their numbers: `[####xx>>--..] SUCCEEDED 12  FAILED 3 …` */
export function progressLine(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let bar = '';
  let seen = 0;
  for (const [status, mark] of order) {
    seen += counts.get(status) ?? 0;
    // the running sum is rounded, not each part: the bar always has the same width
    bar = bar.padEnd(total === 0 ? 0 : Math.round((seen * WIDTH) / total), mark);
  }
  const numbers = order.flatMap(([status]) => (counts.get(status) ? [`${status} ${counts.get(status)}`] : []));
  return `  [${bar.padEnd(WIDTH)}] ${numbers.join('  ')}`;
}
