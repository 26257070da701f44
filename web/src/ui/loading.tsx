import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';

const loadingTexts = texts({ en: { loading: 'Loading…' }, zh: { loading: '加载中…' } });

export function Loading() {
  const t = useTexts(loadingTexts);
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" /> {t.loading}
    </div>
  );
}
