/** `v1.2.10-rc1` as numbers; undefined where it does not begin with one. */
function numbersIn(version: string): readonly number[] | undefined {
  const found = /^v?(\d+(?:\.\d+)*)/i.exec(version)?.[1];
  return found?.split('.').map(Number);
}

/** Whether a version seems to come after another one, by the numbers that both begin with. Devices know no such order. */
export function isNewer(version: string, than: string): boolean {
  const [left, right] = [numbersIn(version), numbersIn(than)];
  if (!left || !right) return false;
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
