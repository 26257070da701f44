import type { ReactNode } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Card } from '../../ui/page.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { eventsTexts } from './events-texts.ts';

type Group = AnswerOf<'QueryConsumerGroupList'>['Data']['ConsumerGroupDTO'][number];
type GroupStatus = AnswerOf<'QueryConsumerGroupStatus'>;

/** The status of each group is a call of its own, of which an account may make five a second. */
const PAGE_SIZE = 5;

/** Who receives events over AMQP, and how much waits for them. */
export function ConsumerGroups() {
  const t = useTexts(eventsTexts);
  const may = useMay();
  const formats = useFormats();
  const [parameters, change] = useParameters();
  const page = pageIn(parameters);
  const answer = useAnswer(
    'QueryConsumerGroupList',
    { CurrentPage: page, PageSize: PAGE_SIZE },
    { every: 30_000, keepLast: true },
  );
  const figure = (name: string, show: (status: GroupStatus) => ReactNode) => ({
    name,
    cell: (group: Group) => <OfStatus group={group} show={show} />,
  });
  const figures = may('QueryConsumerGroupStatus')
    ? [
        {
          ...figure(t.consumers, ({ ClientConnectionStatusList: { ConsumerGroupClientConnectionInfo: clients } }) =>
            formats.number(clients.length),
          ),
          numeric: true,
        },
        { ...figure(t.backlog, ({ AccumulationCount }) => formats.number(AccumulationCount)), numeric: true },
        {
          ...figure(t.lastConsumed, ({ LastConsumerTime: at }) => (at === '' ? t.never : <Time at={at} />)),
          minor: true,
        },
      ]
    : [];
  return (
    <Card title={t.consumerGroups}>
      <p className="soft">{t.consumersIntro}</p>
      <DataTable
        label={t.consumerGroups}
        rows={answer.data?.Data.ConsumerGroupDTO}
        keyOf={({ GroupId }) => GroupId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        total={answer.data?.Total}
        empty={null}
        columns={[
          { name: t.group, cell: ({ GroupName }) => GroupName },
          { name: 'GroupId', cell: ({ GroupId }) => <code>{GroupId}</code>, minor: true },
          ...figures,
        ]}
      />
      {answer.data && (answer.data.Total > PAGE_SIZE || page > 1) && (
        <Pager page={page} pageSize={PAGE_SIZE} total={answer.data.Total} onPage={(to) => change({ page: to })} />
      )}
    </Card>
  );
}

interface OfStatusProps {
  readonly group: Group;
  readonly show: (status: GroupStatus) => ReactNode;
}

/** Columns of one row share one question. */
function OfStatus({ group: { GroupId }, show }: OfStatusProps) {
  const { data, error } = useAnswer('QueryConsumerGroupStatus', { GroupId }, { every: 30_000 });
  return data ? show(data) : error ? '–' : '…';
}
