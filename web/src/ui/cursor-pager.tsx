import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { Icon } from './icon.tsx';

const cursorTexts = texts({
  en: { pages: 'Pages of the list', first: 'First page', next: 'Next page' },
  zh: { pages: '列表分页', first: '首页', next: '下一页' },
});

interface CursorPagerProps {
  /** Of the page that is shown; empty on the first one. */
  readonly token: string;
  /** Of the next one; empty on the last one. */
  readonly next: string;
  readonly onToken: (token: string) => void;
}

/** Goes on in a list that is read page by page; the browser's own Back leads to the page before. */
export function CursorPager({ token, next, onToken }: CursorPagerProps) {
  const t = useTexts(cursorTexts);
  if (token === '' && next === '') return null;
  return (
    <nav className="pager" aria-label={t.pages}>
      <button type="button" className="button" disabled={token === ''} onClick={() => onToken('')}>
        <Icon name="first" /> {t.first}
      </button>
      <button type="button" className="button" disabled={next === ''} onClick={() => onToken(next)}>
        {t.next} <Icon name="right" />
      </button>
    </nav>
  );
}
