import { cpus } from 'node:os';

const times = () =>
  cpus().reduce(
    (sum, { times: { user, nice, sys, idle, irq } }) => ({
      busy: sum.busy + user + nice + sys + irq,
      all: sum.all + user + nice + sys + irq + idle,
    }),
    { busy: 0, all: 0 },
  );

/** Watches how busy the machine's processors are, whoever uses them. @returns tells it since then, in per cent */
export function watchProcessors(): () => number {
  const before = times();
  return () => {
    const now = times();
    return Math.round((100 * (now.busy - before.busy)) / Math.max(1, now.all - before.all));
  };
}
