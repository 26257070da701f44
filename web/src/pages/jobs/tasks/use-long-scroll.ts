import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type Extent, heightOf, type Place, placeAt, placeShowing, scrolledTo } from './long-scroll.ts';

/** Scrolling has ended when nothing moved for so long. */
const END_MS = 150;

interface LongScroll {
  readonly place: Place;
  /** Height of the element within. */
  readonly height: number;
  /** What is seen of the rows, in px. */
  readonly viewport: number;
  /** Puts a row at the upper edge. */
  readonly goTo: (row: number) => void;
  /** Moves as little as shows a row. */
  readonly show: (row: number) => void;
}

/**
 * Follows the scrolling of a frame over rows of one height, however many.
 * @param head height of what stays above the rows within the frame
 * @param start the row that is seen first
 */
export function useLongScroll(
  frame: RefObject<HTMLElement | null>,
  rows: number,
  rowHeight: number,
  head: number,
  start: number,
): LongScroll {
  const [viewport, setViewport] = useState(0);
  const [place, setPlace] = useState<Place>({ top: 0, at: 0 });
  const now = useRef(place);
  const begun = useRef(false);
  const extent: Extent = { total: rows * rowHeight, viewport };
  const latest = useRef(extent);
  latest.current = extent;

  const take = useCallback((next: Place) => {
    now.current = next;
    // in the same frame in which the element moved, or rows would be seen to jump
    flushSync(() => setPlace(next));
  }, []);
  const move = useCallback(
    (next: Place) => {
      const element = frame.current;
      if (!element) return;
      element.scrollTop = next.top;
      // browsers round it
      take({ top: element.scrollTop, at: next.at });
    },
    [frame, take],
  );

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setViewport(Math.max(0, element.clientHeight - head)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame, head]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const scrolled = () => {
      if (element.scrollTop !== now.current.top) take(scrolledTo(now.current, element.scrollTop, latest.current));
      clearTimeout(timer);
      timer = setTimeout(() => {
        const settled = placeAt(now.current.at, latest.current);
        if (Math.abs(settled.top - now.current.top) >= 1) move(settled);
      }, END_MS);
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener('scroll', scrolled);
    };
  }, [frame, move, take]);

  // there is nowhere to go before the rows are counted
  useEffect(() => {
    if (begun.current || rows === 0 || viewport === 0) return;
    begun.current = true;
    if (start > 0) queueMicrotask(() => move(placeAt(start * rowHeight, latest.current)));
  }, [rows, viewport, start, rowHeight, move]);

  // a list that became shorter
  useEffect(() => {
    const most = Math.max(0, rows * rowHeight - viewport);
    if (begun.current && now.current.at > most) queueMicrotask(() => move(placeAt(most, latest.current)));
  }, [rows, rowHeight, viewport, move]);

  return {
    place,
    height: heightOf(extent),
    viewport,
    goTo: (row) => move(placeAt(row * rowHeight, latest.current)),
    show: (row) => {
      const next = placeShowing(now.current, row, rowHeight, latest.current);
      if (next !== now.current) move(next);
    },
  };
}
