import { useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../../api/hooks.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { Card } from '../../../ui/page.tsx';
import { Status } from '../../../ui/status.tsx';
import { DataTable, Pager } from '../../../ui/table.tsx';
import { ProductSelect } from '../../common/product-select.tsx';
import { jobsTexts } from '../jobs-texts.ts';
import { newJobTexts } from './new-job-texts.ts';

const PAGE_SIZE = 10;

interface PackageStepProps {
  readonly chosen: string | undefined;
  readonly onChoose: (firmwareId: string, status: number) => void;
}

/** Chooses the package. */
export function PackageStep({ chosen, onChoose }: PackageStepProps) {
  const t = useTexts(newJobTexts);
  const words = useTexts(jobsTexts);
  const [product, setProduct] = useState('');
  const [page, setPage] = useState(1);
  const list = useAnswer(
    'ListOTAFirmware',
    { CurrentPage: page, PageSize: PAGE_SIZE, ProductKey: product || undefined },
    { keepLast: true },
  );
  return (
    <Card>
      <p>{t.packageHint}</p>
      <div className="filters">
        <ProductSelect
          value={product}
          none="all"
          onChange={(value) => {
            setProduct(value);
            setPage(1);
          }}
        />
      </div>
      <DataTable
        label={t.packages}
        rows={list.data?.FirmwareInfo.SimpleFirmwareInfo}
        keyOf={(row) => row.FirmwareId}
        error={list.error}
        onRetry={() => void list.refetch()}
        stale={list.isPlaceholderData}
        empty={
          <Empty title={t.noPackages}>
            <p>{t.noPackagesHint}</p>
            <Link href="/packages/new" className="button main">
              {t.upload}
            </Link>
          </Empty>
        }
        columns={[
          { name: t.name, cell: (row) => row.FirmwareName },
          { name: t.version, cell: (row) => row.DestVersion },
          { name: t.status, cell: (row) => <Status of="firmware" status={String(row.Status)} /> },
          { name: words.product, cell: (row) => row.ProductName ?? '–', minor: true },
          { name: t.module, cell: (row) => row.ModuleName, minor: true },
          {
            name: t.choose,
            cell: (row) => (
              <button
                type="button"
                className={row.FirmwareId === chosen ? 'button' : 'button main'}
                aria-label={`${t.choose}: ${row.FirmwareName} ${row.DestVersion}`}
                onClick={() => onChoose(row.FirmwareId, row.Status)}
              >
                {row.FirmwareId === chosen ? t.chosen : t.choose}
              </button>
            ),
          },
        ]}
      />
      {list.data && list.data.Total > PAGE_SIZE && (
        <Pager page={page} pageSize={PAGE_SIZE} total={list.data.Total} onPage={setPage} />
      )}
    </Card>
  );
}
