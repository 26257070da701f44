/** One name of a device list as it stands in the file. */
export interface ListedName {
  readonly text: string;
  /** Line that it stands in, from 1. */
  readonly line: number;
  /** Bytes of the file up to the end of the name and its separator: reading can go on there. */
  readonly end: number;
}

/** Far more than a name with its blanks and quotes; what is longer is no name. */
const LONGEST_CELL = 1024;

/**
 * Reads a device list (storage-and-events 1.10) piece by piece: cells between commas and line ends of any kind, without
 * blanks, one layer of double quotes, a byte order mark and empty cells. What is not UTF-8 comes out as U+FFFD, which
 * no device name contains.
 */
export class NameListReader {
  /** A cell that has not ended yet, one character for each byte: separators are ASCII, and positions count bytes. */
  #rest = '';
  #restAt: number;
  #line = 1;

  /** @param from byte of the file that the first piece begins with, the end of some name */
  constructor(from = 0) {
    this.#restAt = from;
  }

  /** Byte of the file up to which it has been taken apart: reading can go on there. */
  get position(): number {
    return this.#restAt;
  }

  /**
   * The names that end in a piece of the file.
   * @param isLast the file ends with this piece
   */
  *read(piece: Uint8Array, isLast: boolean): Generator<ListedName> {
    const text = this.#rest + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    const textAt = this.#restAt;
    const separator = /[,\r\n]/g;
    let start = 0;
    for (let found = separator.exec(text); found; found = separator.exec(text)) {
      const isReturn = found[0] === '\r';
      // the other half of a line end may be in the next piece
      if (isReturn && separator.lastIndex === text.length && !isLast) break;
      const next = separator.lastIndex + (isReturn && text[separator.lastIndex] === '\n' ? 1 : 0);
      yield* this.#cell(text.slice(start, found.index), textAt + next);
      if (found[0] !== ',') this.#line += 1;
      start = next;
      separator.lastIndex = next;
    }
    const rest = text.slice(start);
    if (isLast || rest.length > LONGEST_CELL) {
      yield* this.#cell(rest, textAt + text.length);
      start = text.length;
    }
    this.#rest = text.slice(start);
    this.#restAt = textAt + start;
  }

  *#cell(bytes: string, end: number): Generator<ListedName> {
    const isAscii = !/[\x80-\xff]/.test(bytes);
    const cell = isAscii ? bytes : Buffer.from(bytes, 'latin1').toString();
    const text = bytes.length > LONGEST_CELL ? '\ufffd' : unwrapped(cell);
    if (text !== '') yield { text, line: this.#line, end };
  }
}

/** A byte order mark counts as a blank. */
function unwrapped(cell: string): string {
  const text = cell.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).trim() : text;
}

/** Is this what a column of device names is headed with? As the first name it may be one of a device all the same. */
export const isHeading = (text: string): boolean => text.toLowerCase() === 'devicename';
