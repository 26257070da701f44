import { Link } from 'wouter';
import { useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { deviceTexts } from './device-texts.ts';

/** Devices need a product first. */
export function NoProducts() {
  const t = useTexts(deviceTexts);
  return (
    <Empty title={t.noProducts}>
      <p>{t.noProductsNext}</p>
      <Link href="/products" className="button main">
        {t.toProducts}
      </Link>
    </Empty>
  );
}
