import { isDeviceName } from '../../../../../src/contract/names.ts';
import { parseCsv } from '../../../lib/csv.ts';
import { headingsOf, isNameHeading } from '../../devices/name-list.ts';

export interface NameFile {
  /** Each once. */
  readonly names: readonly string[];
  /** Names that stood there before. */
  readonly repeated: number;
  /** What is no device name. */
  readonly unfit: readonly string[];
}

/**
 * Device names of a file: of the column that its first line names DeviceName, as exported lists have it; without such a
 * line all that stands between commas and line ends, as the API reads a list.
 */
export function namesOfFile(text: string): NameFile {
  const rows = parseCsv(text);
  const column = headingsOf(rows[0]).findIndex(isNameHeading);
  const cells = column < 0 ? rows.flatMap((row) => row.cells) : rows.slice(1).map((row) => row.cells[column] ?? '');
  const names = new Set<string>();
  const unfit: string[] = [];
  let repeated = 0;
  for (const cell of cells) {
    if (cell === '') continue;
    if (!isDeviceName(cell)) unfit.push(cell);
    else if (names.has(cell)) repeated += 1;
    else names.add(cell);
  }
  return { names: [...names], repeated, unfit };
}
