import { useAnswer } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card } from '../../ui/page.tsx';
import { VersionBars } from '../common/version-bars.tsx';
import { productTexts } from './product-texts.ts';

/** Which versions of each module the devices of a product run. */
export function VersionCard({ productKey }: { readonly productKey: string }) {
  const t = useTexts(productTexts);
  const { data, error, refetch } = useAnswer(
    'ListOTAVersionDistribution',
    { ProductKey: productKey },
    { every: 30_000 },
  );
  return (
    <Card title={t.versions}>
      {!data && (error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data && <VersionBars distribution={data.Data} />}
    </Card>
  );
}
