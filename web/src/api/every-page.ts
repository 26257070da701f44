/** Rows of one page of a list, and how many pages it has. */
interface Page<R> {
  readonly rows: readonly R[];
  readonly pages: number;
}

/** The most rows that lists give at a time. */
export const LARGEST_PAGE = 200;

/** A whole list, read page by page: for a page that lets one choose from it. @param ask for a page, from 1 */
export async function everyPage<R>(ask: (page: number) => Promise<Page<R>>): Promise<readonly R[]> {
  const all: R[] = [];
  for (let page = 1; ; page += 1) {
    const { rows, pages } = await ask(page);
    all.push(...rows);
    if (page >= pages) return all;
  }
}
