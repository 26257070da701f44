/**
 * A list may be longer than an element may be high: Chromium ends at 33,554,428 px, Firefox at 17,895,698. Beyond `LIMIT`
 * the scrollbar stands for the whole list on a smaller scale, while wheel, touch and keys still move it pixel by pixel.
 */
const LIMIT = 10_000_000;

export interface Extent {
  /** Height of all rows in px. */
  readonly total: number;
  /** Height of what is seen of them in px. */
  readonly viewport: number;
}

export interface Place {
  /** scrollTop of the element. */
  readonly top: number;
  /** Which px of the list is at the upper edge. */
  readonly at: number;
}

/** Height of the element that is scrolled. */
export const heightOf = ({ total }: Extent): number => Math.min(total, LIMIT);

const mostAt = ({ total, viewport }: Extent) => Math.max(0, total - viewport);
const mostTop = (extent: Extent) => Math.max(0, heightOf(extent) - extent.viewport);

/** So far from both ends a pixel of the scrollbar is one of the list: who comes near an end passes over nothing. */
const EDGE = 100_000;

/** Puts a number between the ends of one scale where it stands on another; the edges of both are alike. */
function rescaled(value: number, from: number, to: number): number {
  if (from === to || value <= EDGE) return value;
  if (value >= from - EDGE) return to - (from - value);
  return EDGE + ((value - EDGE) * (to - 2 * EDGE)) / (from - 2 * EDGE);
}

const within = (at: number, extent: Extent) => Math.min(mostAt(extent), Math.max(0, at));

/**
 * The element was scrolled to `top`. A short way is one that was meant to the pixel; a dragged thumb of such a list makes
 * no short ways: a pixel of its track is thousands of the element.
 */
export function scrolledTo(place: Place, top: number, extent: Extent): Place {
  if (extent.total <= LIMIT) return { top, at: within(top, extent) };
  const way = top - place.top;
  const isShort = Math.abs(way) <= 2 * extent.viewport;
  return { top, at: within(isShort ? place.at + way : rescaled(top, mostTop(extent), mostAt(extent)), extent) };
}

/** Where the element has to stand for `at`; after short ways it stands elsewhere until scrolling ends. */
export function placeAt(at: number, extent: Extent): Place {
  const inside = within(at, extent);
  return { top: rescaled(inside, mostAt(extent), mostTop(extent)), at: inside };
}

/** The nearest place at which a row can be seen as a whole. */
export function placeShowing(place: Place, row: number, rowHeight: number, extent: Extent): Place {
  const start = row * rowHeight;
  if (start < place.at) return placeAt(start, extent);
  if (start + rowHeight > place.at + extent.viewport) return placeAt(start + rowHeight - extent.viewport, extent);
  return place;
}

/** Rows that are seen, and some above and below: the first, and the one after the last. */
export function rowsSeen(
  at: number,
  viewport: number,
  rowHeight: number,
  rows: number,
  spare: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.floor(at / rowHeight) - spare);
  const to = Math.min(rows, Math.ceil((at + viewport) / rowHeight) + spare);
  return { from: Math.min(from, to), to };
}
