import type { Otaru } from '../../acceptance/support/otaru.ts';

/** The sum of a metric's samples whose line contains `labels`, as the server shows it now. */
export async function metric(otaru: Otaru, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(otaru.metrics)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)));
  return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
