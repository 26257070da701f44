import { useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { usePackages } from '../../api/packages.ts';
import { useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useServerWords, useTexts } from '../../i18n/language.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { type KnownTask, TaskDialog } from '../common/task-dialog.tsx';
import { taskTexts } from '../common/task-texts.ts';
import { oneDeviceTexts } from './one-device-texts.ts';

interface DevicePart {
  readonly productKey: string;
  readonly name: string;
}

const JOBS_SHOWN = 5;

/** What a device still has to do. */
export function OpenTasks({ productKey, name }: DevicePart) {
  const t = useTexts(oneDeviceTexts);
  // it stays open when the task has ended and is listed no more
  const [opened, setOpened] = useState<KnownTask>();
  const request = { ProductKey: productKey, DeviceName: name };
  const answer = useAnswer('ListOTAUnfinishedTaskByDevice', request, { every: 3_000 });
  return (
    <Card title={t.open}>
      <DataTable
        label={t.open}
        rows={answer.data?.Data.SimpleOTATaskInfo}
        keyOf={({ TaskId }) => TaskId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        empty={<p className="soft">{t.noOpen}</p>}
        columns={[
          { name: t.job, cell: ({ JobId }) => <Link href={`/jobs/${JobId}`}>{JobId}</Link> },
          { name: t.module, cell: ({ ModuleName }) => ModuleName },
          { name: t.from, cell: ({ SrcVersion }) => SrcVersion || '–', minor: true },
          { name: t.to, cell: ({ DestVersion }) => DestVersion },
          { name: t.status, cell: (task) => <OpenedTask task={task} onOpen={setOpened} /> },
          { name: t.changed, cell: ({ UtcModified }) => <Time at={UtcModified} />, minor: true },
        ]}
      />
      {opened && <TaskDialog task={opened} onClose={() => setOpened(undefined)} />}
    </Card>
  );
}

/** The jobs of one package that had a task for the device: the API tells them by package. */
export function PastJobs({ productKey, name }: DevicePart) {
  const t = useTexts(oneDeviceTexts);
  const may = useMay();
  const [parameters, change] = useParameters();
  const [page, setPage] = useState(1);
  const packages = usePackages(productKey);
  const known = packages.data ?? [];
  const firmwareId = parameters.get('package') ?? known[0]?.FirmwareId ?? '';
  const answer = useAnswer(
    'ListOTAJobByDevice',
    { FirmwareId: firmwareId, ProductKey: productKey, DeviceName: name, CurrentPage: page, PageSize: JOBS_SHOWN },
    { every: 15_000, keepLast: true, when: firmwareId !== '' },
  );
  if (packages.data && known.length === 0)
    return (
      <Card title={t.past}>
        <p className="soft">{t.noPackages}</p>
      </Card>
    );
  return (
    <Card title={t.past}>
      <div className="filters">
        <SelectField
          label={t.package}
          value={firmwareId}
          onChange={(to) => {
            setPage(1);
            change({ package: to }, true);
          }}
          options={known.map(({ FirmwareId, FirmwareName, DestVersion }) => ({
            value: FirmwareId,
            name: `${FirmwareName} · ${DestVersion}`,
          }))}
        />
      </div>
      <DataTable
        label={t.past}
        rows={answer.data?.Data.SimpleOTAJobInfo}
        keyOf={({ JobId }) => JobId}
        error={packages.error ?? answer.error}
        onRetry={() => void (packages.error ? packages : answer).refetch()}
        stale={answer.isPlaceholderData}
        empty={<p className="soft">{t.noJobs}</p>}
        columns={[
          { name: t.job, cell: ({ JobId }) => <Link href={`/jobs/${JobId}`}>{JobId}</Link> },
          ...(may('ListOTATaskByJob')
            ? [{ name: t.result, cell: ({ JobId }: { JobId: string }) => <TaskOfJob jobId={JobId} name={name} /> }]
            : []),
          { name: t.jobStatus, cell: ({ JobStatus }) => <Status of="job" status={JobStatus} />, minor: true },
          { name: t.created, cell: ({ UtcCreate }) => <Time at={UtcCreate} />, minor: true },
        ]}
      />
      {answer.data && answer.data.Total > JOBS_SHOWN && (
        <Pager page={page} pageSize={JOBS_SHOWN} total={answer.data.Total} onPage={setPage} />
      )}
    </Card>
  );
}

/** How the update of this device went in a job. */
function TaskOfJob({ jobId, name }: { readonly jobId: string; readonly name: string }) {
  const server = useServerWords();
  const [opened, setOpened] = useState<KnownTask>();
  const { data } = useAnswer('ListOTATaskByJob', { JobId: jobId, DeviceNames: [name] }, { every: 15_000 });
  const task = data?.Data.SimpleOTATaskInfo[0];
  if (!task) return <span className="soft">–</span>;
  return (
    <>
      <OpenedTask task={task} onOpen={setOpened} />
      {opened && <TaskDialog task={opened} onClose={() => setOpened(undefined)} />}
      {task.TaskDesc && (
        <div className="soft small wraps" title={task.TaskDesc}>
          {server.sentence(task.TaskDesc)}
        </div>
      )}
    </>
  );
}

interface OpenedTaskProps {
  readonly task: KnownTask;
  readonly onOpen: (task: KnownTask) => void;
}

/** The status of a task, which opens its details. */
function OpenedTask({ task, onOpen }: OpenedTaskProps) {
  const { details } = useTexts(taskTexts);
  return (
    <button type="button" className="task-open" aria-haspopup="dialog" onClick={() => onOpen(task)}>
      <Status of="task" status={task.TaskStatus} />
      <span className="unseen"> {details(task.DeviceName)}</span>
    </button>
  );
}
