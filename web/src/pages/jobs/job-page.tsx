import './jobs.css';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { AfterVerification } from './after-verification.tsx';
import { CancelTasksDialog, EndSearchDialog } from './cancel-dialogs.tsx';
import { ChangeJobDialog } from './change-job-dialog.tsx';
import { Failures } from './failures.tsx';
import {
  askAgainIn,
  countsOf,
  isLive,
  type JobDetails,
  kindOf,
  type ListedJob,
  openIn,
  shownStatus,
  titleOf,
} from './job.ts';
import { JobFacts } from './job-facts.tsx';
import { JobProgress } from './job-progress.tsx';
import { jobTexts } from './job-texts.ts';
import { jobsTexts } from './jobs-texts.ts';

const DETAILS_MS = 10_000;

/** A job: how far it is, what went wrong, what it was told to do, and how to change that. */
export function JobPage({ id }: { readonly id: string }) {
  const t = useTexts(jobsTexts);
  const may = useMay();
  const above = [{ href: '/jobs', name: t.title }];
  const listed = useAnswer('ListOTAJob', { JobId: id, CurrentPage: 1, PageSize: 1 }, { every: askAgainIn });
  const details = useAnswer('QueryOTAJob', { JobId: id }, { every: DETAILS_MS });
  const job = listed.data?.Data.SimpleOTAJobInfo[0];
  const { refetch } = details;
  const phase = job && `${job.JobStatus} ${job.UtcStartTime}`;
  useEffect(() => {
    // its times are told with the details
    if (phase !== undefined) void refetch();
  }, [phase, refetch]);
  const facts = details.data?.Data;
  const error = listed.error ?? details.error;
  if (!job || !facts) {
    const missing = listed.data && !job;
    return (
      <Page title={t.job} above={above}>
        {missing ? (
          <Empty title={t.notFound}>
            <Link href="/jobs">{t.title}</Link>
          </Empty>
        ) : error ? (
          <ErrorNote
            error={error}
            onRetry={() => {
              void listed.refetch();
              void details.refetch();
            }}
          />
        ) : (
          <Loading />
        )}
      </Page>
    );
  }
  const counts = countsOf(job);
  return (
    <Page
      title={titleOf(job, t.kinds)}
      above={above}
      aside={<Status of="job" status={shownStatus(job)} />}
      tools={<JobTools job={job} facts={facts} />}
    >
      <JobProgress job={job} facts={facts} seenAt={listed.dataUpdatedAt} />
      {kindOf(job) === 'verify' && !isLive(job, counts) && <AfterVerification job={job} />}
      {counts.FAILED > 0 && may('ListOTAFailureCauses') && <Failures jobId={id} count={counts.FAILED} />}
      <JobFacts job={job} facts={facts} />
    </Page>
  );
}

interface ToolsProps {
  readonly job: ListedJob;
  readonly facts: JobDetails;
}

function JobTools({ job, facts }: ToolsProps) {
  const t = useTexts(jobTexts);
  const may = useMay();
  const [open, setOpen] = useState<'change' | 'cancel' | 'end'>();
  const close = () => setOpen(undefined);
  const counts = countsOf(job);
  const running = job.JobStatus === 'PLANNED' || job.JobStatus === 'IN_PROGRESS';
  const kind = kindOf(job);
  return (
    <>
      {running && kind !== 'verify' && may('UpdateOTAJob') && (
        <button type="button" className="button" onClick={() => setOpen('change')}>
          {t.change}
        </button>
      )}
      {running && kind === 'dynamic' && may('CancelOTAStrategyByJob') && (
        <button type="button" className="button danger" onClick={() => setOpen('end')}>
          {t.endSearch}
        </button>
      )}
      {isLive(job, counts) && openIn(counts) > 0 && may('CancelOTATaskByJob') && (
        <button type="button" className="button danger" onClick={() => setOpen('cancel')}>
          {t.cancel}
        </button>
      )}
      {open === 'change' && <ChangeJobDialog facts={facts} onClose={close} />}
      {open === 'cancel' && <CancelTasksDialog job={job} onClose={close} />}
      {open === 'end' && <EndSearchDialog job={job} onClose={close} />}
    </>
  );
}
