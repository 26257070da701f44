import '../jobs/jobs.css';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { shownStatus } from '../jobs/job.ts';
import { JobBar, JobCell } from '../jobs/job-cell.tsx';
import { packagesTexts } from './packages-texts.ts';

const JOBS = 10;

/** The jobs of a package, newest first. */
export function PackageJobs({ id }: { readonly id: string }) {
  const t = useTexts(packagesTexts);
  const formats = useFormats();
  const [search, setSearch] = useParameters();
  const page = pageIn(search);
  const jobs = useAnswer(
    'ListOTAJob',
    { FirmwareId: id, CurrentPage: page, PageSize: JOBS },
    { every: 5_000, keepLast: true },
  );
  return (
    <Card title={t.jobs}>
      <DataTable
        label={t.jobs}
        rows={jobs.data?.Data.SimpleOTAJobInfo}
        keyOf={(row) => row.JobId}
        error={jobs.error}
        onRetry={() => void jobs.refetch()}
        stale={jobs.isPlaceholderData}
        total={jobs.data?.Total}
        empty={<Empty title={t.noJobs} />}
        columns={[
          { name: t.job, cell: (row) => <JobCell job={row} named={false} /> },
          { name: t.status, cell: (row) => <Status of="job" status={shownStatus(row)} /> },
          { name: t.progress, cell: (row) => <JobBar job={row} /> },
          { name: t.devices, cell: (row) => formats.number(row.TaskTotal), numeric: true },
          { name: t.created, cell: (row) => <Time at={row.UtcCreate} />, minor: true },
        ]}
      />
      {jobs.data && (jobs.data.Total > JOBS || page > 1) && (
        <Pager page={page} pageSize={JOBS} total={jobs.data.Total} onPage={(to) => setSearch({ page: to })} />
      )}
    </Card>
  );
}
