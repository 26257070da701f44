import { useState } from 'react';
import type { AnswerOf, RequestOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { useParameters } from '../../app/parameters.ts';
import { useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { CursorPager } from '../../ui/cursor-pager.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { settingsTexts } from './settings-texts.ts';

type AuditRecord = AnswerOf<'ListAuditRecords'>['Data']['Record'][number];

const PAGE_SIZE = 50;
/** Code of what a policy forbids. */
const NOT_PERMITTED = 'iot.common.RamActionPermissionDeny';
/** Longer values, such as policies, stand in the details only. */
const LONGEST_SHOWN = 64;

/** Who changed what, or was refused it. */
export function AuditTab() {
  const t = useTexts(settingsTexts);
  const [parameters, change] = useParameters();
  const [shown, setShown] = useState<AuditRecord>();
  const token = parameters.get('after') ?? '';
  const filter = filterIn(parameters);
  const answer = useAnswer(
    'ListAuditRecords',
    { PageSize: PAGE_SIZE, ...filter, ...(token === '' ? {} : { NextToken: token }) },
    { every: 15_000, keepLast: true },
  );
  const next = answer.data?.NextToken ?? '';
  return (
    <Card title={t.tabs.audit}>
      <p className="soft">{t.auditHint}</p>
      <AuditFilters />
      <DataTable
        label={t.tabs.audit}
        rows={answer.data?.Data.Record}
        keyOf={({ RequestId, Action, UtcTime }) => `${RequestId} ${Action} ${UtcTime}`}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        empty={<Empty title={next === '' ? t.noRecords : t.noRecordsHere} />}
        columns={[
          {
            name: t.time,
            cell: ({ UtcTime }) => (
              <span className="whole">
                <Time at={UtcTime} />
              </span>
            ),
          },
          { name: t.who, cell: (record) => <Who record={record} /> },
          { name: t.action, cell: ({ Action }) => <code className="whole">{Action}</code> },
          {
            name: t.target,
            cell: (record) => <span className="roomy three-lines">{targetOf(record)}</span>,
            minor: true,
          },
          { name: t.result, cell: ({ Result }) => <Outcome result={Result} /> },
          {
            name: t.details,
            cell: (record) => (
              <button
                type="button"
                className="icon-button small"
                aria-label={t.detailsOf(record.Action)}
                title={t.details}
                onClick={() => setShown(record)}
              >
                <Icon name="eye" />
              </button>
            ),
          },
        ]}
      />
      <CursorPager token={token} next={next} onToken={(to) => change({ after: to })} />
      {shown && <RecordDialog record={shown} onClose={() => setShown(undefined)} />}
    </Card>
  );
}

/** The filter that the address names. */
function filterIn(parameters: URLSearchParams): RequestOf<'ListAuditRecords'> {
  const text = (name: string) => parameters.get(name) || undefined;
  const time = (name: string) => {
    const ms = new Date(parameters.get(name) ?? '').getTime();
    return Number.isNaN(ms) ? undefined : ms;
  };
  return {
    StartTime: time('from'),
    EndTime: time('until'),
    ActionName: text('action'),
    User: text('user'),
    KeyId: text('key'),
    Target: text('target'),
    Result: text('result'),
  };
}

const targetOf = ({ Target, Made }: AuditRecord) =>
  [
    ...Target.Parameter.map(({ Name, Value }) => (Value.length > LONGEST_SHOWN ? `${Name} …` : `${Name} ${Value}`)),
    ...Made.Id.map((id) => `→ ${id}`),
  ].join(' · ');

function Who({ record }: { readonly record: AuditRecord }) {
  const { account } = useSession();
  return <span className="roomy short">{record.UserName || record.UserId || account.name}</span>;
}

function Outcome({ result }: { readonly result: string }) {
  const t = useTexts(settingsTexts);
  const good = result === 'Success';
  return (
    <span className={good ? 'status good' : 'status bad'}>
      <Icon name={good ? 'check' : 'cross'} />
      {good ? t.succeeded : result === NOT_PERMITTED ? t.refused : t.failed}
    </span>
  );
}

function RecordDialog({ record, onClose }: { readonly record: AuditRecord; readonly onClose: () => void }) {
  const t = useTexts(settingsTexts);
  return (
    <Dialog title={record.Action} onClose={onClose} wide>
      <div className="dialog-body">
        <Facts>
          <Fact name={t.time}>
            <Time at={record.UtcTime} />
          </Fact>
          <Fact name={t.who}>
            <Who record={record} />
          </Fact>
          <Fact name={t.result}>
            <Outcome result={record.Result} /> {record.Result !== 'Success' && <code>{record.Result}</code>}
          </Fact>
          <Fact name={t.address}>{record.Address}</Fact>
          <Fact name={t.way}>{record.Source}</Fact>
          {record.UserId && (
            <Fact name={t.userId}>
              <Copyable text={record.UserId} />
            </Fact>
          )}
          {record.AccessKeyId && (
            <Fact name={t.key}>
              <Copyable text={record.AccessKeyId} />
            </Fact>
          )}
          <Fact name={t.requestId}>
            <Copyable text={record.RequestId} />
          </Fact>
          {record.Target.Parameter.map(({ Name, Value }) => (
            <Fact key={Name} name={Name}>
              <code>{Value}</code>
            </Fact>
          ))}
          {record.Made.Id.map((id) => (
            <Fact key={id} name={t.made}>
              <Copyable text={id} />
            </Fact>
          ))}
        </Facts>
      </div>
    </Dialog>
  );
}
