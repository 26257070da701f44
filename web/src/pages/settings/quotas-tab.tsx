import { useAnswer } from '../../api/hooks.ts';
import { useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card } from '../../ui/page.tsx';
import { DataTable } from '../../ui/table.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { settingsTexts } from './settings-texts.ts';

/** From this share on a limit is worth a warning. */
const NEARLY_USED = 0.9;

/** How many there may be of what, and how many there are. */
export function QuotasTab() {
  const t = useTexts(settingsTexts);
  const formats = useFormats();
  const may = useMay();
  const [parameters, change] = useParameters();
  const product = parameters.get('product') ?? '';
  const answer = useAnswer('ListQuotas', product === '' ? {} : { ProductKey: product }, {
    every: 30_000,
    keepLast: true,
  });
  const names: Readonly<Record<string, string>> = t.quotaNames;
  return (
    <Card title={t.tabs.quotas}>
      <p className="soft">{t.quotasHint}</p>
      {may('QueryProductList') && (
        <div className="filters">
          <ProductSelect value={product} onChange={(to) => change({ product: to })} none="instance" />
        </div>
      )}
      <DataTable
        label={t.tabs.quotas}
        rows={answer.data?.Data.Quotas.Quota}
        keyOf={({ Name }) => Name}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        empty={<p>{t.noQuotas}</p>}
        columns={[
          { name: t.limit, cell: ({ Name }) => names[Name] ?? Name },
          {
            name: t.use,
            cell: ({ Name, Used, Limit }) => (
              <progress max={Limit} value={Math.min(Used, Limit)} aria-label={`${t.use}: ${names[Name] ?? Name}`} />
            ),
          },
          {
            name: t.usedOf,
            numeric: true,
            cell: ({ Used, Limit }) => (
              <span className={Used >= NEARLY_USED * Limit ? 'status bad' : undefined}>
                {Used >= NEARLY_USED * Limit && <Icon name="warning" />}
                {formats.number(Used)} / {formats.number(Limit)}
              </span>
            ),
          },
          {
            name: t.share,
            numeric: true,
            minor: true,
            cell: ({ Used, Limit }) => formats.percent(Limit > 0 ? Used / Limit : 1),
          },
        ]}
      />
      {answer.data && <p className="soft small">{answer.data.Data.CallsLimited ? t.callsLimited : t.callsUnlimited}</p>}
    </Card>
  );
}
