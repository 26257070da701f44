import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import type { ListedProduct } from '../../api/products.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { CreateProductDialog } from './product-dialogs.tsx';
import { productTexts } from './product-texts.ts';

const PAGE_SIZE = 20;

export function ProductListPage() {
  const t = useTexts(productTexts);
  const formats = useFormats();
  const may = useMay();
  const [, navigate] = useLocation();
  const [parameters, change] = useParameters();
  const page = pageIn(parameters);
  // the first step of an installation leads to the dialog itself
  const asked = parameters.has('new');
  const [creating, setCreating] = useState(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, so that a reload does not ask again
  useEffect(() => {
    if (asked) change({ new: undefined }, true);
  }, []);
  const answer = useAnswer(
    'QueryProductList',
    { CurrentPage: page, PageSize: PAGE_SIZE },
    { every: 15_000, keepLast: true },
  );
  const create = may('CreateProduct') && (
    <button type="button" className="button main" onClick={() => setCreating(true)}>
      <Icon name="plus" /> {t.create}
    </button>
  );
  const typeName = ({ NodeType }: ListedProduct) => (NodeType === 1 ? t.types[1] : t.types[0]);

  return (
    <Page title={t.products} tools={create}>
      <Card>
        <DataTable
          label={t.products}
          rows={answer.data?.Data.List.ProductInfo}
          keyOf={({ ProductKey }) => ProductKey}
          error={answer.error}
          onRetry={() => void answer.refetch()}
          stale={answer.isPlaceholderData}
          columns={[
            {
              name: t.name,
              cell: ({ ProductKey, ProductName, Description }) => (
                <>
                  <Link href={`/products/${ProductKey}`}>{ProductName}</Link>
                  {Description && <div className="soft small">{Description}</div>}
                </>
              ),
            },
            { name: t.key, cell: ({ ProductKey }) => <Copyable text={ProductKey} /> },
            { name: t.type, cell: typeName, minor: true },
            {
              name: t.devices,
              numeric: true,
              cell: ({ ProductKey, DeviceCount }) => (
                <Link href={`/devices?product=${ProductKey}`}>{formats.number(DeviceCount)}</Link>
              ),
            },
            { name: t.created, cell: ({ GmtCreate }) => <Time at={GmtCreate} />, minor: true },
          ]}
          total={answer.data?.Data.Total}
          empty={
            <Empty title={t.none}>
              <p>{create ? t.noneNext : t.noneReader}</p>
              {create}
            </Empty>
          }
        />
        {answer.data && (answer.data.Data.Total > PAGE_SIZE || page > 1) && (
          <Pager
            page={page}
            pageSize={PAGE_SIZE}
            total={answer.data.Data.Total}
            onPage={(to) => change({ page: to })}
          />
        )}
      </Card>
      {creating && create && (
        <CreateProductDialog
          onClose={() => setCreating(false)}
          onCreated={(productKey) => navigate(`/products/${productKey}`)}
        />
      )}
    </Page>
  );
}
