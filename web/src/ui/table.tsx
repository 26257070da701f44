import type { ReactNode } from 'react';
import { useFormats, useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { useEdited } from '../lib/use-edited.ts';
import { ErrorNote } from './error-note.tsx';
import { Icon } from './icon.tsx';
import { Loading } from './loading.tsx';

export interface Column<R> {
  readonly name: string;
  readonly cell: (row: R) => ReactNode;
  /** Numbers stand at the right edge. */
  readonly numeric?: boolean;
  /** What a narrow screen can do without. */
  readonly minor?: boolean;
}

interface DataTableProps<R> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<R>[];
  /** undefined: still on its way. */
  readonly rows: readonly R[] | undefined;
  readonly keyOf: (row: R) => string;
  /** What went wrong instead. */
  readonly error?: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** Shown in place of a table without rows. */
  readonly empty: ReactNode;
  /** Rows of the whole list: where there are some, a page without rows lies beyond its end. */
  readonly total?: number | undefined;
  /** True while these rows are those of the last question. */
  readonly stale?: boolean;
  /** Rows can be ticked. */
  readonly selection?: Selection<R> | undefined;
}

export interface Selection<R> {
  /** Keys of the ticked rows; some may stand on other pages. */
  readonly keys: ReadonlySet<string>;
  readonly onChange: (keys: ReadonlySet<string>) => void;
  readonly nameOf: (row: R) => string;
}

const tableTexts = texts({
  en: { beyond: 'There is nothing on this page any more: the list has become shorter.' },
  zh: { beyond: '列表已变短，该页没有内容。' },
});

export function DataTable<R>({
  label,
  columns,
  rows,
  keyOf,
  error,
  onRetry,
  empty,
  total = 0,
  stale = false,
  selection,
}: DataTableProps<R>) {
  const t = useTexts(tableTexts);
  if (error && !rows) return <ErrorNote error={error} onRetry={onRetry} />;
  if (!rows) return <Loading />;
  if (rows.length === 0) return total > 0 ? <p className="soft">{t.beyond}</p> : empty;
  const classOf = (column: Column<R>) =>
    [column.numeric ? 'numeric' : '', column.minor ? 'minor' : ''].filter((name) => name !== '').join(' ') || undefined;
  return (
    // scrolled sideways on a narrow screen, by keyboard too
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached
    <section className="table-frame" aria-label={label} tabIndex={0}>
      <table className={stale ? 'stale' : undefined}>
        <thead>
          <tr>
            {selection && (
              <th scope="col" className="tick">
                <TickAll keys={rows.map(keyOf)} selection={selection} />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {selection && (
                <td className="tick">
                  <Tick row={row} id={keyOf(row)} selection={selection} />
                </td>
              )}
              {columns.map((column) => (
                <td key={column.name} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const tickTexts = texts({
  en: { all: 'Select all rows shown', row: (name: string) => `Select ${name}` },
  zh: { all: '选择当前页全部', row: (name: string) => `选择 ${name}` },
});

function TickAll<R>({ keys, selection }: { readonly keys: readonly string[]; readonly selection: Selection<R> }) {
  const t = useTexts(tickTexts);
  const ticked = keys.filter((key) => selection.keys.has(key)).length;
  return (
    <input
      type="checkbox"
      aria-label={t.all}
      checked={ticked === keys.length}
      ref={(box) => {
        if (box) box.indeterminate = ticked > 0 && ticked < keys.length;
      }}
      onChange={(event) =>
        selection.onChange(
          event.target.checked ? selection.keys.union(new Set(keys)) : selection.keys.difference(new Set(keys)),
        )
      }
    />
  );
}

function Tick<R>({ row, id, selection }: { readonly row: R; readonly id: string; readonly selection: Selection<R> }) {
  const t = useTexts(tickTexts);
  return (
    <input
      type="checkbox"
      aria-label={t.row(selection.nameOf(row))}
      checked={selection.keys.has(id)}
      onChange={() => selection.onChange(selection.keys.symmetricDifference(new Set([id])))}
    />
  );
}

const pagerTexts = texts({
  en: {
    pages: 'Pages of the list',
    first: 'First page',
    previous: 'Previous page',
    next: 'Next page',
    last: 'Last page',
    page: 'Page',
    all: (total: string) => `${total} in all`,
    of: (pages: string, total: string) => `of ${pages} · ${total} in all`,
  },
  zh: {
    pages: '列表分页',
    first: '首页',
    previous: '上一页',
    next: '下一页',
    last: '末页',
    page: '页码',
    all: (total: string) => `共 ${total} 条`,
    of: (pages: string, total: string) => `/ ${pages} 页 · 共 ${total} 条`,
  },
});

interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
  /** Rows that can be reached at all, where the API has such a limit. */
  readonly depth?: number;
  /** Goes on to the next page where the list is read on beyond its depth. */
  readonly onBeyond?: (() => void) | undefined;
}

/** Goes to any page of a list; nothing where there is only one. */
export function Pager({ page, pageSize, total, onPage, depth = Number.POSITIVE_INFINITY, onBeyond }: PagerProps) {
  const t = useTexts(pagerTexts);
  const formats = useFormats();
  const reach = Math.max(1, Math.ceil(Math.min(total, depth) / pageSize));
  const pages = onBeyond || page > reach ? Math.ceil(total / pageSize) : reach;
  if (pages === 1 && page === 1) return <p className="pager soft small">{t.all(formats.number(total))}</p>;
  const go = (to: number) => onPage(Math.min(reach, Math.max(1, Math.trunc(to))));
  const button = (
    icon: 'first' | 'left' | 'right' | 'last',
    name: string,
    to: number,
    off: boolean,
    press = () => go(to),
  ) => (
    <button type="button" className="icon-button" aria-label={name} title={name} disabled={off} onClick={press}>
      <Icon name={icon} />
    </button>
  );
  return (
    <nav className="pager" aria-label={t.pages}>
      {button('first', t.first, 1, page <= 1)}
      {/* beyond the depth the list itself knows how to go back */}
      {button('left', t.previous, page - 1, page <= 1, () => onPage(page - 1))}
      <PageNumber page={page} reach={reach} onPage={go} />
      <span className="soft">{t.of(formats.number(pages), formats.number(total))}</span>
      {page < reach
        ? button('right', t.next, page + 1, false)
        : button('right', t.next, page + 1, page >= pages || !onBeyond, onBeyond)}
      {button('last', t.last, reach, page === reach || reach < pages)}
    </nav>
  );
}

interface PageNumberProps {
  readonly page: number;
  readonly reach: number;
  readonly onPage: (page: number) => void;
}

/** The number of the page, to be overwritten with another. */
function PageNumber({ page, reach, onPage }: PageNumberProps) {
  const t = useTexts(pagerTexts);
  const [typed, setTyped] = useEdited(String(page));
  const leave = () => {
    const to = Number(typed);
    if (to && to !== page) onPage(to);
    else setTyped(String(page));
  };
  return (
    <label>
      <span className="unseen">{t.page}</span>
      <input
        className="page-number"
        type="number"
        min={1}
        max={reach}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') leave();
        }}
        onBlur={leave}
      />
    </label>
  );
}
