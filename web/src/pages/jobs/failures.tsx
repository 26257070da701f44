import { useEffect } from 'react';
import { Link } from 'wouter';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card } from '../../ui/page.tsx';
import { DataTable } from '../../ui/table.tsx';
import { failureCauseTexts } from '../common/failure-causes.ts';
import { jobTexts } from './job-texts.ts';

type Cause = AnswerOf<'ListOTAFailureCauses'>['Data']['Causes']['FailureCause'][number];

const EVERY_MS = 10_000;
/** While fewer failures are told than the job has. */
const BEHIND_MS = 1_500;

/** What the server writes where a device said nothing: the cause says as much. */
const ownWords: ReadonlySet<string> = new Set([
  'timeout',
  'update failed',
  'download failed',
  'verification failed',
  'flashing failed',
  'report version is not conform',
  'the device has an unfinished task of another job',
]);

interface FailuresProps {
  readonly jobId: string;
  /** Tasks that failed. */
  readonly count: number;
}

/** Why tasks failed, the most frequent causes first, and with which devices that can be looked into. */
export function Failures({ jobId, count }: FailuresProps) {
  const t = useTexts(jobTexts);
  const causes: Readonly<Record<string, string>> = useTexts(failureCauseTexts);
  const formats = useFormats();
  const answer = useAnswer(
    'ListOTAFailureCauses',
    { JobId: jobId },
    { every: (last) => (last && last.Data.FailedCount < count ? BEHIND_MS : EVERY_MS) },
  );
  const { refetch } = answer;
  useEffect(() => {
    if (count > 0) void refetch();
  }, [count, refetch]);
  const failures = answer.data?.Data;
  const tasks = (query: string) => `/jobs/${jobId}/tasks?${query}`;
  return (
    <Card
      title={t.failures}
      tools={
        <Link href={tasks('status=FAILED')} className="button">
          {t.showFailed(formats.number(count))} <Icon name="right" />
        </Link>
      }
    >
      {!failures ? (
        answer.error ? (
          <ErrorNote error={answer.error} onRetry={() => void refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <DataTable<Cause>
          label={t.failures}
          rows={failures.Causes.FailureCause}
          keyOf={(row) => `${row.Cause}/${row.Description}`}
          empty={<p className="soft">{t.noFailures}</p>}
          columns={[
            { name: t.cause, cell: (row) => <span className="whole">{causes[row.Cause] ?? row.Cause}</span> },
            {
              name: t.said,
              cell: (row) => (
                <span className="job-name">{ownWords.has(row.Description) ? '–' : row.Description || '–'}</span>
              ),
            },
            { name: t.devices, cell: (row) => formats.number(row.Count), numeric: true },
            {
              name: t.examples,
              minor: true,
              cell: (row) => (
                <Link href={tasks(`names=${encodeURIComponent(row.Devices.DeviceName.join())}`)} className="job-name">
                  {row.Devices.DeviceName.join(', ')}
                </Link>
              ),
            },
          ]}
        />
      )}
      {failures?.Causes.FailureCause.some(({ Description }) => Description.includes('#')) && (
        <p className="soft">{t.hash}</p>
      )}
      {failures && failures.OtherCount > 0 && (
        <p className="soft">{t.otherFailures(formats.number(failures.OtherCount))}</p>
      )}
      {failures && failures.LookedAt < failures.FailedCount && (
        <p className="soft">{t.lookedAt(formats.number(failures.LookedAt), formats.number(failures.FailedCount))}</p>
      )}
    </Card>
  );
}
