import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card } from '../../ui/page.tsx';
import { TaskBar } from '../../ui/status.tsx';
import { Time } from '../../ui/time.tsx';
import { countsOf, endedIn, isLive, type JobDetails, kindOf, type ListedJob, openIn, shownStatus } from './job.ts';
import { jobTexts } from './job-texts.ts';
import { addSample, bestPace, isHeldByRate, type Sample } from './pace.ts';

interface JobProgressProps {
  readonly job: ListedJob;
  readonly facts: JobDetails;
  /** When this answer came, in milliseconds. */
  readonly seenAt: number;
}

/** How far a job is, how fast it goes and when it is going to end. */
export function JobProgress({ job, facts, seenAt }: JobProgressProps) {
  const t = useTexts(jobTexts);
  const formats = useFormats();
  const may = useMay();
  const counts = countsOf(job);
  const ended = endedIn(counts);
  const open = openIn(counts);
  const total = ended + open;
  const isStarted = job.UtcStartTime !== undefined;
  const perMinute = kindOf(job) === 'verify' ? undefined : facts.MaximumPerMinute;
  // what only waits for devices ends when they come
  const isMoving =
    counts.IN_PROGRESS > 0 || isHeldByRate(total, perMinute, seenAt - Date.parse(job.UtcStartTime ?? ''));
  return (
    <Card
      title={t.progress}
      tools={
        may('ListOTATaskByJob') && (
          <Link href={`/jobs/${job.JobId}/tasks`} className="button">
            {t.showTasks} <Icon name="right" />
          </Link>
        )
      }
    >
      {total === 0 ? (
        <p className="soft">{t.noTasks[lackOf(job, isLive(job, counts))]}</p>
      ) : (
        <TaskBar counts={counts} />
      )}
      {!isStarted && job.UtcScheduleTime !== undefined && isLive(job, counts) && (
        <p>
          {t.waitsForStart}
          <Time at={job.UtcScheduleTime} />
        </p>
      )}
      {total > 0 && (
        <dl className="figures">
          <div className="figure">
            <dt>{t.done}</dt>
            <dd>{formats.percent(ended / total)}</dd>
            <dd className="figure-note">{t.doneOf(formats.number(ended), formats.number(total))}</dd>
          </div>
          <div className="figure">
            <dt>{t.succeeded}</dt>
            <dd>{ended === 0 ? '–' : formats.percent(counts.SUCCEEDED / ended)}</dd>
            <dd className="figure-note">{t.ofEnded}</dd>
          </div>
          {/* what waits for people has no pace */}
          {open > counts.CONFIRM && isStarted && (
            <PaceFigures job={job} ended={ended} open={open} isMoving={isMoving} seenAt={seenAt} />
          )}
          {job.UtcEndTime !== undefined && (
            <div className="figure">
              <dt>{t.ended}</dt>
              <dd className="figure-time">
                <Time at={job.UtcEndTime} />
              </dd>
            </div>
          )}
        </dl>
      )}
      {isStarted && counts.QUEUED > 0 && <p>{t.queued(formats.number(counts.QUEUED), facts.NeedPush)}</p>}
      {isStarted && !isMoving && counts.NOTIFIED > 0 && <p>{t.told(formats.number(counts.NOTIFIED))}</p>}
      {counts.CONFIRM > 0 && (
        <div className="note">
          <Icon name="hand" />
          <div>
            <p>{t.confirmWaits(formats.number(counts.CONFIRM))}</p>
            <Link href={`/jobs/${job.JobId}/tasks?status=CONFIRM`}>{t.confirmThem}</Link>
          </div>
        </div>
      )}
      {shownStatus(job) === 'SEARCH_ENDED' && open > 0 && <p>{t.stillGoing(formats.number(open))}</p>}
    </Card>
  );
}

/** Why there are no tasks. */
function lackOf(job: ListedJob, live: boolean): 'making' | 'searching' | 'over' {
  if (!live) return 'over';
  return kindOf(job) === 'dynamic' ? 'searching' : 'making';
}

interface PaceProps {
  readonly job: ListedJob;
  readonly ended: number;
  readonly open: number;
  /** Whether something is bound to end by and by. */
  readonly isMoving: boolean;
  readonly seenAt: number;
}

function PaceFigures({ job, ended, open, isMoving, seenAt }: PaceProps) {
  const t = useTexts(jobTexts);
  const formats = useFormats();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => setSamples((now) => addSample(now, { at: seenAt, ended })), [seenAt, ended]);
  const may = useMay();
  const history = useAnswer('QueryOTAHistory', { Period: 'HOUR', JobId: job.JobId }, { when: may('QueryOTAHistory') });
  const noted = history.data && {
    points: history.data.Data.Points.HistoryPoint,
    at: history.dataUpdatedAt,
    startedAt: Date.parse(job.UtcStartTime ?? ''),
  };
  const pace = isMoving ? bestPace(samples, noted, open) : { perMinute: 0, left: undefined };
  return (
    <>
      <div className="figure">
        <dt>{t.rate}</dt>
        <dd>{pace ? t.perMinute(formats.number(Math.round(pace.perMinute))) : '–'}</dd>
        <dd className="figure-note">{pace ? pace.perMinute === 0 && open > 0 && t.stalled : t.measuring}</dd>
      </div>
      {pace?.left !== undefined && open > 0 && (
        <div className="figure">
          <dt>{t.left}</dt>
          <dd>{t.about(formats.duration(pace.left / 1_000))}</dd>
          <dd className="figure-note">
            {t.endsAt} <Time at={seenAt + pace.left} />
          </dd>
        </div>
      )}
    </>
  );
}
