import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card } from '../../ui/page.tsx';
import { VersionBars } from '../common/version-bars.tsx';
import { overviewTexts } from './overview-texts.ts';

type Products = AnswerOf<'QueryOTAOverview'>['Data']['Products']['ProductDevices'];

/** Which versions the devices of a product run; the largest product first. */
export function Versions({ products }: { readonly products: Products }) {
  const t = useTexts(overviewTexts);
  const [chosen, setChosen] = useState('');
  const bySize = [...products].sort((a, b) => b.Total - a.Total);
  const product = products.find(({ ProductKey }) => ProductKey === chosen) ?? bySize[0];
  const answer = useAnswer(
    'ListOTAVersionDistribution',
    { ProductKey: product?.ProductKey ?? '', MaxVersions: 8 },
    { every: 15_000, keepLast: true, when: product !== undefined },
  );
  const data = answer.data?.Data;
  return (
    <Card
      title={t.versions}
      tools={
        products.length > 1 && (
          <SelectField
            label={t.product}
            value={product?.ProductKey ?? ''}
            onChange={setChosen}
            options={bySize.map(({ ProductKey, ProductName }) => ({ value: ProductKey, name: ProductName }))}
          />
        )
      }
    >
      {!data && (answer.error ? <ErrorNote error={answer.error} /> : <Loading />)}
      {data && <VersionBars distribution={data} />}
    </Card>
  );
}
