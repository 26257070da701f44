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
