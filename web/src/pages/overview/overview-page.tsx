import { shellTexts } from '../../app/shell-texts.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Page } from '../../ui/page.tsx';

export function OverviewPage() {
  const t = useTexts(shellTexts);
  return <Page title={t.places.overview}>{null}</Page>;
}
