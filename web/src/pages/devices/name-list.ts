import { isDeviceName, isNickname } from '../../../../src/contract/names.ts';
import { type CsvRow, parseCsv } from '../../lib/csv.ts';

/** A device that is to be registered. */
export interface Entry {
  /** Where it stands in the list, from 1. */
  readonly line: number;
  readonly name: string;
  /** Empty for none. */
  readonly nickname: string;
}

/** Why a line of a list cannot be registered. */
export interface Problem {
  readonly line: number;
  /** What stands there, its columns with commas between. */
  readonly text: string;
  readonly what: 'name' | 'nickname' | 'duplicate' | 'columns';
  /** Line of the same name before. */
  readonly first?: number;
}

export interface NameList {
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
}

/** What a first line may call its columns. */
export const headingsOf = (row: CsvRow | undefined): readonly string[] =>
  row?.cells.map((cell) => cell.toLowerCase().replaceAll(/[^a-z]/g, '')) ?? [];

export const isNameHeading = (heading: string): boolean => heading === 'devicename' || heading === 'name';

/**
 * Reads `name[,nickname]` of each line. A first line that names its columns, DeviceName and Nickname, may put them in
 * any place, so that an exported list can be read back. Commas of both kinds and tabs separate.
 */
export function readNameList(text: string): NameList {
  // none of them may stand in a name
  const rows = parseCsv(text.replaceAll(/[，	]/gu, ','));
  const head = headingsOf(rows[0]);
  const named = head.findIndex(isNameHeading);
  const nameAt = Math.max(0, named);
  const nicknameAt = named < 0 ? 1 : head.findIndex((cell) => cell === 'nickname' || cell === 'devicenickname');

  const entries: Entry[] = [];
  const problems: Problem[] = [];
  const lines = new Map<string, number>();
  for (const { line, cells } of named < 0 ? rows : rows.slice(1)) {
    const name = cells[nameAt] ?? '';
    const nickname = cells[nicknameAt] ?? '';
    const first = lines.get(name);
    const written = cells.join(',');
    if (named < 0 && cells.slice(2).some((cell) => cell !== ''))
      problems.push({ line, text: written, what: 'columns' });
    else if (!isDeviceName(name)) problems.push({ line, text: written, what: 'name' });
    else if (first !== undefined) problems.push({ line, text: written, what: 'duplicate', first });
    else if (nickname !== '' && !isNickname(nickname)) problems.push({ line, text: written, what: 'nickname' });
    else entries.push({ line, name, nickname });
    if (first === undefined) lines.set(name, line);
  }
  return { entries, problems };
}
