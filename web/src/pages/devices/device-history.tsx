import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { deviceHistoryTexts } from './device-history-texts.ts';

type Change = AnswerOf<'ListDeviceStatusHistory'>['Data']['StatusChange'][number];

const SHOWN = 10;

interface DeviceHistoryProps {
  readonly productKey: string;
  readonly name: string;
  /** Whether it was ever online. */
  readonly isActivated: boolean;
}

/** What the status of a device became, when and why. */
export function DeviceHistory({ productKey, name, isActivated }: DeviceHistoryProps) {
  const t = useTexts(deviceHistoryTexts);
  const [parameters, change] = useParameters();
  const page = pageIn(parameters);
  const answer = useAnswer(
    'ListDeviceStatusHistory',
    { ProductKey: productKey, DeviceName: name, CurrentPage: page, PageSize: SHOWN },
    { every: 5_000, keepLast: true },
  );
  const { data } = answer;
  const rows = data?.Data.StatusChange;
  const nodes = new Set(rows?.map(({ NodeId }) => NodeId).filter(Boolean));
  const reasons: Readonly<Record<string, string>> = t.reasons;
  const plain: Readonly<Record<string, string>> = t.plain;
  const wordsFor = ({ Reason, Status: status }: Change) => (Reason ? (reasons[Reason] ?? Reason) : plain[status]);
  return (
    <Card title={t.title}>
      <DataTable
        label={t.title}
        rows={rows}
        keyOf={({ UtcTime }) => UtcTime}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        total={data?.Total}
        empty={<p className="soft">{isActivated ? t.none : t.noneYet}</p>}
        columns={[
          {
            name: t.status,
            cell: (row) => (
              <>
                <Status of="device" status={row.Status} />
                <div className="soft small wraps">{wordsFor(row)}</div>
              </>
            ),
          },
          { name: t.since, cell: ({ UtcTime }) => <Time at={UtcTime} /> },
          { name: t.lasted, cell: (row) => <Lasted change={row} /> },
          { name: t.address, cell: ({ Address }) => Address || '–', minor: true },
          ...(nodes.size > 1 ? [{ name: t.node, cell: ({ NodeId }: Change) => NodeId || '–', minor: true }] : []),
        ]}
      />
      {data && (data.Total > SHOWN || page > 1) && (
        <Pager page={page} pageSize={SHOWN} total={data.Total} onPage={(to) => change({ page: to })} />
      )}
      {data && data.Total > 0 && <p className="soft small">{t.kept}</p>}
    </Card>
  );
}

function Lasted({ change }: { readonly change: Change }) {
  const t = useTexts(deviceHistoryTexts);
  const formats = useFormats();
  const { Duration: lasted } = change;
  if (lasted === undefined) return <span className="soft">{t.lasts}</span>;
  return lasted < 1_000 ? t.moment : formats.duration(lasted / 1_000);
}
