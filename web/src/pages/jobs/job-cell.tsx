import { Link } from 'wouter';
import { useTexts } from '../../i18n/language.tsx';
import { TaskBar } from '../../ui/status.tsx';
import { countsOf, kindOf, type ListedJob } from './job.ts';
import { jobsTexts } from './jobs-texts.ts';

interface JobCellProps {
  readonly job: ListedJob;
  /** False where all jobs are of one package. */
  readonly named?: boolean;
}

/** A job in a table: what is brought, to whom, and the ID by which programs know it. */
export function JobCell({ job, named = true }: JobCellProps) {
  const t = useTexts(jobsTexts);
  const targets: Readonly<Record<string, string>> = t.targets;
  const kind = kindOf(job);
  // of the others the target says nothing that the kind does not
  const what =
    kind === 'static' ? `${t.kinds.static} · ${targets[job.TargetSelection] ?? job.TargetSelection}` : t.kinds[kind];
  return (
    <div className="job-cell">
      <Link href={`/jobs/${job.JobId}`}>{named ? `${job.FirmwareName} · ${job.DestVersion}` : what}</Link>
      {named && <div className="small">{what}</div>}
      <code className="small soft minor" title={t.id}>
        {job.JobId}
      </code>
    </div>
  );
}

/** The states of a job's tasks, as small as a table needs it. */
export function JobBar({ job }: { readonly job: ListedJob }) {
  return (
    <div className="job-progress">
      <TaskBar small counts={countsOf(job)} />
    </div>
  );
}
