import { createHash } from 'node:crypto';

/** A percentage of GRAY in thousandths of a per cent: whole numbers, so that the floor is exact. */
const WHOLE = 100_000;

/** @returns undefined for what is no percentage above 0 and up to 100 with at most three decimals (openapi-ota 4.9) */
export function readPercent(text: string): number | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text);
  if (!match) return undefined;
  const percent = Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0'));
  return percent > 0 && percent <= WHOLE ? percent : undefined;
}

/** As answers show it: two decimals, or three where the third says something (openapi-ota 4.12). */
export function percentText(percent: number): string {
  return (percent / 1000).toFixed(percent % 10 === 0 ? 2 : 3);
}

/** How many of some candidates a percentage means: rounded down, at least one (openapi-ota 4.9). */
export function grayCount(percent: number, candidates: number): number {
  return candidates === 0 ? 0 : Math.max(1, Math.floor((percent * candidates) / WHOLE));
}

/**
 * Chooses among candidates as they come by (selection sampling): `wanted` of the `left` that are still to come are
 * chosen, exactly that many when all of them come. Whose turn it is depends on the job and the device alone: each
 * device has the same chance, however devices are named, each job has its own choice, and it can be made again.
 */
export function choose<C extends { readonly id: string }>(
  jobId: string,
  candidates: readonly C[],
  { left, wanted }: { readonly left: number; readonly wanted: number },
): C[] {
  const chosen: C[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const toCome = left - index;
    if (toCome <= 0) break;
    if (lot(jobId, candidate.id) * toCome < wanted - chosen.length) chosen.push(candidate);
  }
  return chosen;
}

/** From 0 to below 1, evenly. */
function lot(jobId: string, deviceId: string): number {
  const hash = createHash('sha256').update(`${jobId} ${deviceId}`).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}
