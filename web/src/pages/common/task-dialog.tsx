import { Link } from 'wouter';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useServerWords, useTexts } from '../../i18n/language.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Fact, Facts } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { failureCauseTexts } from './failure-causes.ts';
import { taskTexts } from './task-texts.ts';

/** What a list of tasks knows of one. */
export interface KnownTask {
  readonly TaskId: string;
  readonly JobId: string;
  readonly ProductKey: string;
  readonly DeviceName: string;
  readonly TaskStatus: string;
  /** Not every list tells it. */
  readonly TaskDesc?: string;
}

interface TaskDialogProps {
  readonly task: KnownTask;
  readonly onClose: () => void;
}

/** How a task stands and what failed before. */
export function TaskDialog({ task, onClose }: TaskDialogProps) {
  const t = useTexts(taskTexts);
  const server = useServerWords();
  const may = useMay();
  const mayAsk = may('ListOTATaskAttempts');
  const answer = useAnswer('ListOTATaskAttempts', { TaskId: task.TaskId }, { every: 5_000, when: mayAsk });
  const tried = answer.data?.Data;
  const reason = tried ? tried.TaskDesc : task.TaskDesc;
  const next = tried?.UtcNextAttempt;
  return (
    <Dialog title={t.details(task.DeviceName)} onClose={onClose} wide>
      <div className="dialog-body">
        <Facts>
          <Fact name={t.device}>
            <Link href={`/devices/${task.ProductKey}/${task.DeviceName}`} className="wraps">
              {task.DeviceName}
            </Link>
          </Fact>
          <Fact name={t.job}>
            <Link href={`/jobs/${task.JobId}`} className="wraps">
              {task.JobId}
            </Link>
          </Fact>
          <Fact name={t.state}>
            <Status of="task" status={tried?.TaskStatus ?? task.TaskStatus} />
          </Fact>
          {reason && (
            <Fact name={t.reason}>
              <span className="wraps">{server.sentence(reason)}</span>
            </Fact>
          )}
          {next && <Fact name={t.next}>{Date.parse(next) > Date.now() ? <Time at={next} /> : t.soon}</Fact>}
        </Facts>
        {mayAsk && (
          <section>
            <h3>{t.attempts}</h3>
            <Attempts tried={tried} error={answer.error} onRetry={() => void answer.refetch()} />
          </section>
        )}
      </div>
    </Dialog>
  );
}

type Tried = AnswerOf<'ListOTATaskAttempts'>['Data'];
type Attempt = Tried['Attempts']['TaskAttempt'][number];

interface AttemptsProps {
  readonly tried: Tried | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
}

function Attempts({ tried, error, onRetry }: AttemptsProps) {
  const t = useTexts(taskTexts);
  const formats = useFormats();
  const rows = tried?.Attempts.TaskAttempt;
  return (
    <>
      <DataTable
        label={t.attempts}
        rows={rows}
        keyOf={({ Number: number }) => String(number)}
        error={error}
        onRetry={onRetry}
        empty={<p className="soft">{t.none}</p>}
        columns={[
          { name: '#', cell: ({ Number: number }) => formats.number(number), numeric: true, minor: true },
          { name: t.failedAt, cell: ({ UtcFailed }) => <Time at={UtcFailed} /> },
          { name: t.cause, cell: (attempt) => <Cause attempt={attempt} /> },
        ]}
      />
      {tried && rows && tried.FailedCount > rows.length && (
        <p className="soft small">{t.kept(formats.number(rows.length), formats.number(tried.FailedCount))}</p>
      )}
    </>
  );
}

function Cause({ attempt }: { readonly attempt: Attempt }) {
  const t = useTexts(taskTexts);
  const causes: Readonly<Record<string, string>> = useTexts(failureCauseTexts);
  const formats = useFormats();
  const server = useServerWords();
  const { Cause: cause, Description: words, Progress: progress, SrcVersion: from } = attempt;
  const more = [
    ...(progress === undefined ? [] : [t.reached(formats.percent(Number(progress) / 100))]),
    ...(from === '' ? [] : [t.from(from)]),
  ];
  return (
    <>
      {causes[cause] ?? cause}
      {words && <div className="wraps">{server.sentence(words)}</div>}
      {more.length > 0 && <div className="soft small wraps">{more.join(' · ')}</div>}
    </>
  );
}
