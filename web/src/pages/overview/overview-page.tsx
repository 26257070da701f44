import { Link, Redirect } from 'wouter';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { places } from '../../app/places.ts';
import { useMay } from '../../app/session.tsx';
import { shellTexts } from '../../app/shell-texts.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Status, TaskBar } from '../../ui/status.tsx';
import { DataTable } from '../../ui/table.tsx';
import { ProductLink } from '../common/product-link.tsx';
import type { DeviceStatus } from '../devices/device-status.ts';
import { countsOf } from '../jobs/job.ts';
import { History } from './history.tsx';
import { overviewTexts } from './overview-texts.ts';
import { Versions } from './versions.tsx';

type Overview = AnswerOf<'QueryOTAOverview'>['Data'];

/** The first page; whoever may not see it is led to one that they may. */
export function OverviewPage() {
  const may = useMay();
  const shell = useTexts(shellTexts);
  if (may('QueryOTAOverview')) return <Figures />;
  const other = places.find(({ needs }) => needs.some((action) => may(action)));
  return other ? <Redirect to={other.href} replace /> : <Empty title={shell.nothing} />;
}

function Figures() {
  const t = useTexts(overviewTexts);
  const overview = useAnswer('QueryOTAOverview', {}, { every: 10_000 });
  const data = overview.data?.Data;
  return (
    <Page title={t.title}>
      {!data &&
        (overview.error ? <ErrorNote error={overview.error} onRetry={() => void overview.refetch()} /> : <Loading />)}
      {data && <NextSteps missing={data.Missing.Step} />}
      {data && <Devices data={data} />}
      <RunningJobs />
      <History />
      {data && data.Products.ProductDevices.length > 0 && <Versions products={data.Products.ProductDevices} />}
    </Page>
  );
}

const stepPlaces: Readonly<Record<string, string>> = {
  PRODUCT: '/products?new=1',
  DEVICE: '/devices/register',
  CONNECTION: '/devices',
  PACKAGE: '/packages/new',
  VERIFICATION: '/packages',
  JOB: '/jobs/new',
};

/** What an installation lacks until it has updated its first device; nothing afterwards. */
function NextSteps({ missing }: { readonly missing: readonly string[] }) {
  const t = useTexts(overviewTexts);
  const steps = Object.keys(t.steps) as (keyof typeof t.steps)[];
  const next = steps.find((step) => missing.includes(step));
  if (!next) return null;
  return (
    <Card title={t.next}>
      <ol className="steps">
        {steps.map((step) => {
          const done = !missing.includes(step);
          return (
            <li key={step} className={step === next ? 'next' : undefined}>
              <span className={done ? 'status good' : 'status quiet'}>
                <Icon name={done ? 'check' : 'ring'} />
              </span>
              <span className={done ? 'soft' : undefined}>{t.steps[step]}</span>
              {step === next && (
                <Link href={stepPlaces[step] ?? '/'} className="button main">
                  {t.stepLinks[step]}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

interface CountProps {
  /** Key of the product; undefined: of several. */
  readonly of: string | undefined;
  readonly status: DeviceStatus | undefined;
  readonly count: number;
}

/** A number of devices, which leads to them. */
function Count({ of, status, count }: CountProps) {
  const formats = useFormats();
  const may = useMay();
  const text = formats.number(count);
  if (of === undefined || !may(status ? 'QueryDeviceByStatus' : 'QueryDevice')) return text;
  return <Link href={`/devices?product=${of}${status ? `&status=${status}` : ''}`}>{text}</Link>;
}

function Devices({ data }: { readonly data: Overview }) {
  const t = useTexts(overviewTexts);
  const { Devices: all } = data;
  const figures = [
    { status: undefined, count: all.Total },
    { status: 'ONLINE', count: all.Online },
    { status: 'OFFLINE', count: all.Offline },
    { status: 'UNACTIVE', count: all.Inactive },
    { status: 'DISABLE', count: all.Disabled },
  ] as const;
  const products = data.Products.ProductDevices;
  // devices are listed product by product: where there are several, the figures of each lead to them
  const only = products.length === 1 ? products[0]?.ProductKey : undefined;
  const cell = (status: DeviceStatus | undefined, count: (row: (typeof products)[number]) => number) => ({
    numeric: true,
    cell: (row: (typeof products)[number]) => <Count of={row.ProductKey} status={status} count={count(row)} />,
  });
  return (
    <Card title={t.devices}>
      <dl className="figures">
        {figures.map(({ status, count }) => (
          <div className="figure" key={status ?? 'all'}>
            <dt>{status ? <Status of="device" status={status} /> : t.total}</dt>
            <dd>
              <Count of={only} status={status} count={count} />
            </dd>
          </div>
        ))}
      </dl>
      {products.length > 1 && (
        <DataTable
          label={t.byProduct}
          rows={products}
          keyOf={(row) => row.ProductKey}
          empty={null}
          columns={[
            { name: t.product, cell: (row) => <ProductLink productKey={row.ProductKey} name={row.ProductName} /> },
            { name: t.online, ...cell('ONLINE', ({ Online }) => Online) },
            { name: t.offline, ...cell('OFFLINE', ({ Offline }) => Offline) },
            { name: t.inactive, ...cell('UNACTIVE', ({ Inactive }) => Inactive), minor: true },
            { name: t.disabled, ...cell('DISABLE', ({ Disabled }) => Disabled), minor: true },
            { name: t.total, ...cell(undefined, ({ Total }) => Total) },
          ]}
        />
      )}
    </Card>
  );
}

function RunningJobs() {
  const t = useTexts(overviewTexts);
  const formats = useFormats();
  const may = useMay();
  const jobs = useAnswer(
    'ListOTAJob',
    { JobStatus: ['IN_PROGRESS'], CurrentPage: 1, PageSize: 10 },
    { every: 3_000, when: may('ListOTAJob') },
  );
  if (!may('ListOTAJob')) return null;
  return (
    <Card title={t.running} tools={<Link href="/jobs">{t.allJobs}</Link>}>
      <DataTable
        label={t.running}
        rows={jobs.data?.Data.SimpleOTAJobInfo}
        keyOf={(row) => row.JobId}
        error={jobs.error}
        onRetry={() => void jobs.refetch()}
        empty={<Empty title={t.noneRunning} />}
        columns={[
          {
            name: t.package,
            cell: (row) => (
              <Link href={`/jobs/${row.JobId}`}>
                {row.FirmwareName} · {row.DestVersion}
              </Link>
            ),
          },
          { name: t.product, cell: (row) => row.ProductName, minor: true },
          { name: t.progress, cell: (row) => <TaskBar counts={countsOf(row)} small /> },
          { name: t.tasks, cell: (row) => formats.number(row.TaskTotal), numeric: true },
        ]}
      />
    </Card>
  );
}
