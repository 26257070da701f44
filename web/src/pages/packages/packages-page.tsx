import './packages.css';
import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { jobCreations } from '../jobs/job.ts';
import { type Listed, NextStep } from './package-next.tsx';
import { packagesTexts } from './packages-texts.ts';

const PAGE_SIZE = 20;

export function PackagesPage() {
  const t = useTexts(packagesTexts);
  const formats = useFormats();
  const may = useMay();
  const [search, setSearch] = useParameters();
  const product = search.get('product') ?? '';
  const version = search.get('version') ?? '';
  const page = pageIn(search);
  const list = useAnswer(
    'ListOTAFirmware',
    {
      CurrentPage: page,
      PageSize: PAGE_SIZE,
      ProductKey: product || undefined,
      DestVersion: version || undefined,
    },
    { every: 15_000, keepLast: true },
  );
  const uploadLink = may('CreateOTAFirmware', 'GenerateOTAUploadURL') && (
    <Link href={product ? `/packages/new?product=${product}` : '/packages/new'} className="button main">
      <Icon name="upload" /> {t.upload}
    </Link>
  );
  const mayGoOn = jobCreations.some((action) => may(action));
  const filtered = product !== '' || version !== '';

  return (
    <Page title={t.title} tools={uploadLink}>
      <Card>
        <div className="filters">
          <ProductSelect
            value={product}
            onChange={(value) => setSearch({ product: value, page: '' }, true)}
            none="all"
          />
          <SearchBox
            label={t.version}
            hint={t.versionFilter}
            value={version}
            onSearch={(text) => setSearch({ version: text, page: '' }, true)}
          />
        </div>
        <DataTable
          label={t.list}
          rows={list.data?.FirmwareInfo.SimpleFirmwareInfo}
          keyOf={(row) => row.FirmwareId}
          error={list.error}
          onRetry={() => void list.refetch()}
          stale={list.isPlaceholderData}
          total={list.data?.Total}
          empty={
            filtered ? (
              <Empty title={t.emptyFiltered}>
                <button
                  type="button"
                  className="button"
                  onClick={() => setSearch({ product: '', version: '', page: '' }, true)}
                >
                  {t.clear}
                </button>
              </Empty>
            ) : (
              <Empty title={t.emptyTitle}>
                <p>{t.emptyHint}</p>
                {uploadLink}
              </Empty>
            )
          }
          columns={[
            {
              name: t.name,
              cell: (row) => (
                <Link href={`/packages/${row.FirmwareId}`} className="package-name">
                  {row.FirmwareName}
                </Link>
              ),
            },
            { name: t.version, cell: (row) => <span className="package-version">{row.DestVersion}</span> },
            { name: t.status, cell: (row) => <Status of="firmware" status={String(row.Status)} /> },
            { name: t.product, cell: (row) => <span className="package-name">{row.ProductName ?? t.none}</span> },
            { name: t.module, cell: (row) => row.ModuleName, minor: true },
            {
              name: t.type,
              cell: (row) => (
                <span className="whole">{row.Type === 1 ? t.differentialFrom(row.SrcVersion) : t.full}</span>
              ),
              minor: true,
            },
            {
              name: t.size,
              cell: (row) => (
                <span className="whole">
                  {row.FirmwareSize === undefined ? t.none : formats.bytes(row.FirmwareSize)}
                </span>
              ),
              numeric: true,
              minor: true,
            },
            { name: t.created, cell: (row) => <Time at={row.UtcCreate} />, minor: true },
            ...(mayGoOn ? [{ name: t.next, cell: (row: Listed) => <NextStep firmware={row} /> }] : []),
          ]}
        />
        {list.data && list.data.Total > 0 && (
          <Pager page={page} pageSize={PAGE_SIZE} total={list.data.Total} onPage={(to) => setSearch({ page: to })} />
        )}
      </Card>
    </Page>
  );
}
