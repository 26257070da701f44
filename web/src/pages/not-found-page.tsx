import { Link } from 'wouter';
import { shellTexts } from '../app/shell-texts.ts';
import { useTexts } from '../i18n/language.tsx';
import { Empty } from '../ui/empty.tsx';
import { useTitle } from '../ui/page.tsx';

export function NotFoundPage() {
  return <Instead says="notFound" />;
}

/** For an address whose page could do nothing for the viewer. */
export function NotPermittedPage() {
  return <Instead says="notPermitted" />;
}

function Instead({ says }: { readonly says: 'notFound' | 'notPermitted' }) {
  const t = useTexts(shellTexts);
  useTitle(t[says]);
  return (
    <Empty title={t[says]}>
      <Link href="/">{t.home}</Link>
    </Empty>
  );
}
