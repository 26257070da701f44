import '../jobs.css';
import './tasks.css';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAnswer } from '../../../api/hooks.ts';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { useEdited } from '../../../lib/use-edited.ts';
import { Empty } from '../../../ui/empty.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Loading } from '../../../ui/loading.tsx';
import { Card, Page } from '../../../ui/page.tsx';
import { Status, statusTexts, type TaskStatus, taskStatuses } from '../../../ui/status.tsx';
import { askAgainIn, countsOf, endedIn, type ListedJob, openIn, shownStatus, titleOf } from '../job.ts';
import { jobsTexts } from '../jobs-texts.ts';
import { ExportTasksDialog } from './export-tasks-dialog.tsx';
import { MOST_NAMES, type TaskFilter } from './task.ts';
import { TaskList } from './task-list.tsx';
import { tasksTexts } from './tasks-texts.ts';

/** The tasks of a job, however many. */
export function TasksPage({ id }: { readonly id: string }) {
  const words = useTexts(jobsTexts);
  const listed = useAnswer('ListOTAJob', { JobId: id, CurrentPage: 1, PageSize: 1 }, { every: askAgainIn });
  const job = listed.data?.Data.SimpleOTAJobInfo[0];
  const above = [{ href: '/jobs', name: words.title }];
  if (job) return <TasksOf job={job} above={above} />;
  return (
    <Page title={words.tasks} above={above}>
      {listed.error ? (
        <ErrorNote error={listed.error} onRetry={() => void listed.refetch()} />
      ) : listed.data ? (
        <Empty title={words.notFound}>
          <Link href="/jobs">{words.title}</Link>
        </Empty>
      ) : (
        <Loading />
      )}
    </Page>
  );
}

interface TasksOfProps {
  readonly job: ListedJob;
  readonly above: readonly { readonly href: string; readonly name: string }[];
}

function TasksOf({ job, above }: TasksOfProps) {
  const t = useTexts(tasksTexts);
  const states = useTexts(statusTexts);
  const [search, setSearch] = useSearchParams();
  const [exporting, setExporting] = useState(false);
  const name = titleOf(job, useTexts(jobsTexts).kinds);
  const counts = countsOf(job);
  const all = endedIn(counts) + openIn(counts);
  const status = taskStatuses.find((each) => each === search.get('status'));
  const names = namesIn(search.get('names') ?? '').slice(0, MOST_NAMES);
  const filter: TaskFilter = { jobId: job.JobId, status, names };
  const expected = names.length > 0 ? undefined : status ? counts[status] : all;
  const stateName = status ? states.task[status] : t.anyState;
  return (
    <Page
      title={t.title(name)}
      above={[...above, { href: `/jobs/${job.JobId}`, name }]}
      aside={<Status of="job" status={shownStatus(job)} />}
      tools={
        all > 0 && (
          <button type="button" className="button" onClick={() => setExporting(true)}>
            <Icon name="download" /> {t.export}
          </button>
        )
      }
    >
      <Card>
        <StateFilter job={job} status={status} />
        <NamesFilter
          names={names}
          onFind={(typed) =>
            setSearch((now) => {
              now.delete('row');
              if (typed.length === 0) now.delete('names');
              else now.set('names', typed.join(','));
              return now;
            })
          }
        />
        {all === 0 ? (
          <Empty title={t.none}>
            <p>{t.noneHint}</p>
          </Empty>
        ) : (
          <TaskList key={`${status}/${names.join()}`} job={job} filter={filter} expected={expected} state={stateName} />
        )}
      </Card>
      {exporting && (
        <ExportTasksDialog
          filter={filter}
          total={expected ?? names.length}
          state={stateName}
          onClose={() => setExporting(false)}
        />
      )}
    </Page>
  );
}

function StateFilter({ job, status }: { readonly job: ListedJob; readonly status: TaskStatus | undefined }) {
  const t = useTexts(tasksTexts);
  const formats = useFormats();
  const [search] = useSearchParams();
  const counts = countsOf(job);
  const names = search.get('names');
  const address = (state: TaskStatus | undefined) => {
    const query = new URLSearchParams({ ...(state ? { status: state } : {}), ...(names ? { names } : {}) }).toString();
    return `/jobs/${job.JobId}/tasks${query === '' ? '' : `?${query}`}`;
  };
  return (
    <nav className="chips" aria-label={t.filter}>
      <Link href={address(undefined)} aria-current={status === undefined ? 'true' : undefined}>
        {t.all} <b>{formats.number(endedIn(counts) + openIn(counts))}</b>
      </Link>
      {taskStatuses
        .filter((state) => counts[state] > 0 || state === status)
        .map((state) => (
          <Link key={state} href={address(state)} aria-current={state === status ? 'true' : undefined}>
            <Status of="task" status={state} /> <b>{formats.number(counts[state])}</b>
          </Link>
        ))}
    </nav>
  );
}

interface NamesFilterProps {
  readonly names: readonly string[];
  readonly onFind: (names: readonly string[]) => void;
}

function NamesFilter({ names, onFind }: NamesFilterProps) {
  const t = useTexts(tasksTexts);
  const [typed, setTyped] = useEdited(names.join(', '));
  return (
    <form
      className="row task-names"
      onSubmit={(event) => {
        event.preventDefault();
        onFind(namesIn(typed).slice(0, MOST_NAMES));
      }}
    >
      <input
        type="search"
        aria-label={t.names}
        placeholder={t.namesHint(MOST_NAMES)}
        title={t.namesHint(MOST_NAMES)}
        value={typed}
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="button">
        <Icon name="search" /> {t.find}
      </button>
      {names.length > 0 && (
        <button type="button" className="button quiet" onClick={() => onFind([])}>
          {t.clear}
        </button>
      )}
    </form>
  );
}
