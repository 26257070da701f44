import './jobs.css';
import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Status, statusTexts } from '../../ui/status.tsx';
import { type Column, DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { type JobKind, jobCreations, jobStatuses, type ListedJob, shownStatus } from './job.ts';
import { JobBar, JobCell } from './job-cell.tsx';
import { jobsTexts } from './jobs-texts.ts';

const PAGE_SIZE = 20;
const kinds: readonly JobKind[] = ['static', 'dynamic', 'verify'];

/** What the list is limited to, as the API says a kind. */
const askedFor = (kind: string) =>
  kind === 'verify'
    ? { JobType: 'VERIFY_FIRMWARE' }
    : kind === ''
      ? {}
      : { JobType: 'UPGRADE_FIRMWARE', SelectionType: kind === 'dynamic' ? 'DYNAMIC' : 'STATIC' };

/** All jobs of the account, newest first; those that run are refreshed. */
export function JobsPage() {
  const t = useTexts(jobsTexts);
  const words = useTexts(statusTexts);
  const may = useMay();
  const [search, setSearch] = useParameters();
  const status = search.get('status') ?? '';
  const kind = search.get('kind') ?? '';
  const product = search.get('product') ?? '';
  const page = pageIn(search);
  const columns = useColumns();
  const list = useAnswer(
    'ListOTAJob',
    {
      CurrentPage: page,
      PageSize: PAGE_SIZE,
      JobStatus: status === '' ? undefined : [status],
      ProductKey: product || undefined,
      ...askedFor(kind),
    },
    { every: 4_000, keepLast: true },
  );
  const create = jobCreations.some((action) => may(action)) && (
    <Link href="/jobs/new" className="button main">
      <Icon name="plus" /> {t.create}
    </Link>
  );
  const filtered = status !== '' || kind !== '' || product !== '';
  return (
    <Page title={t.title} tools={create}>
      <Card>
        <div className="filters">
          <SelectField
            label={t.status}
            value={status}
            onChange={(value) => setSearch({ status: value, page: '' }, true)}
            options={[
              { value: '', name: t.anyStatus },
              ...jobStatuses.map((value) => ({ value, name: words.job[value] })),
            ]}
          />
          <SelectField
            label={t.kind}
            value={kind}
            onChange={(value) => setSearch({ kind: value, page: '' }, true)}
            options={[{ value: '', name: t.anyKind }, ...kinds.map((value) => ({ value, name: t.kinds[value] }))]}
          />
          <ProductSelect
            value={product}
            onChange={(value) => setSearch({ product: value, page: '' }, true)}
            none="all"
          />
        </div>
        <DataTable
          label={t.list}
          columns={columns}
          rows={list.data?.Data.SimpleOTAJobInfo}
          keyOf={(row) => row.JobId}
          error={list.error}
          onRetry={() => void list.refetch()}
          stale={list.isPlaceholderData}
          total={list.data?.Total}
          empty={
            filtered ? (
              <Empty title={t.noneFiltered}>
                <button
                  type="button"
                  className="button"
                  onClick={() => setSearch({ status: '', product: '', kind: '', page: '' }, true)}
                >
                  {t.clear}
                </button>
              </Empty>
            ) : (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
                {create}
              </Empty>
            )
          }
        />
        {list.data && list.data.Total > 0 && (
          <Pager page={page} pageSize={PAGE_SIZE} total={list.data.Total} onPage={(to) => setSearch({ page: to })} />
        )}
      </Card>
    </Page>
  );
}

function useColumns(): readonly Column<ListedJob>[] {
  const t = useTexts(jobsTexts);
  const formats = useFormats();
  return [
    { name: t.job, cell: (job) => <JobCell job={job} /> },
    { name: t.status, cell: (job) => <Status of="job" status={shownStatus(job)} /> },
    { name: t.progress, cell: (job) => <JobBar job={job} /> },
    { name: t.devices, cell: (job) => formats.number(job.TaskTotal), numeric: true },
    {
      name: t.product,
      cell: (job) => <span className="job-product">{job.ProductName || job.ProductKey}</span>,
      minor: true,
    },
    { name: t.start, cell: (job) => <Start job={job} />, minor: true },
  ];
}

function Start({ job }: { readonly job: ListedJob }) {
  const t = useTexts(jobsTexts);
  if (job.UtcStartTime !== undefined) return <Time at={job.UtcStartTime} />;
  return (
    <>
      <Time at={job.UtcScheduleTime} />
      {job.UtcScheduleTime !== undefined && <div className="soft small">{t.planned}</div>}
    </>
  );
}
