import { Link } from 'wouter';
import { shellTexts } from '../app/shell-texts.ts';
import { useTexts } from '../i18n/language.tsx';
import { Empty } from '../ui/empty.tsx';

export function NotFoundPage() {
  const t = useTexts(shellTexts);
  return (
    <Empty title={t.notFound}>
      <Link href="/">{t.home}</Link>
    </Empty>
  );
}
