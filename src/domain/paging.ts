import { fail } from './failure.ts';

export interface Page {
  readonly number: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * @param maxSize largest page of the operation
 * @param maxDepth largest page number × page size
 * @throws common.invalidPage
 */
export function page(
  number: number | undefined,
  size: number | undefined,
  { maxSize, maxDepth = Number.MAX_SAFE_INTEGER }: { readonly maxSize: number; readonly maxDepth?: number },
): Page {
  if (
    number === undefined ||
    size === undefined ||
    number < 1 ||
    size < 1 ||
    size > maxSize ||
    number * size > maxDepth
  ) {
    fail('common.invalidPage');
  }
  return { number, size, offset: (number - 1) * size };
}

/** An empty list has no pages (the reference leaves 0 or 1 open, openapi-ota 10.11). */
export function pageCount(total: number, size: number): number {
  return Math.ceil(total / size);
}

/** The paging members of an answer, at its top level (openapi-ota 3.3). */
export function pagingAnswer(page: Page, total: number) {
  return { CurrentPage: page.number, PageSize: page.size, PageCount: pageCount(total, page.size), Total: total };
}

/** Where a page of a list that is ordered by time ended: the time and the id of its last row. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** Leads on from a row of a list. Bound to what names the list, so that it does not lead astray in another one. */
export const positionToken = (list: string, { at, id }: Position): string =>
  Buffer.from(`${list} ${at} ${id}`).toString('base64url');

/** The position in a token made by `positionToken`. @throws common.illegalPageToken */
export function readPositionToken(token: string, list: string): Position {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const [, at = '', id = ''] = /^ (\d{1,15}) ([A-Za-z0-9-]{1,36})$/.exec(text.slice(list.length)) ?? [];
  const position = { at: Number(at), id };
  return token === positionToken(list, position) ? position : fail('common.illegalPageToken');
}
