import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useTexts } from '../../i18n/language.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { Status, statusTexts } from '../../ui/status.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { ProductLink } from '../common/product-link.tsx';
import { deviceStatuses, isDeviceStatus } from '../devices/device-status.ts';
import { groupTexts } from './group-texts.ts';

const PAGE_SIZE = 50;
/** The API takes the beginning of a name from so many characters on. */
const SHORTEST_BEGINNING = 5;

/** The devices that the rule of a dynamic group finds. */
export function FoundDevices({ groupId }: { readonly groupId: string }) {
  const t = useTexts(groupTexts);
  const words = useTexts(statusTexts);
  const [parameters, change] = useParameters();
  const status = parameters.get('status');
  const wanted = isDeviceStatus(status) ? status : undefined;
  const name = parameters.get('name') ?? '';
  const page = pageIn(parameters);
  const answer = useAnswer(
    'QueryDynamicGroupDevices',
    {
      GroupId: groupId,
      CurrentPage: page,
      PageSize: PAGE_SIZE,
      ...(wanted ? { Status: wanted } : {}),
      ...(name === '' ? {} : { DeviceName: name, FuzzyName: name.length >= SHORTEST_BEGINNING }),
    },
    { every: 15_000, keepLast: true },
  );
  return (
    <Card title={t.devices}>
      <div className="filters">
        <SelectField
          label={t.status}
          value={wanted ?? ''}
          onChange={(to) => change({ status: to, page: undefined })}
          options={[
            { value: '', name: t.anyStatus },
            ...deviceStatuses.map((value) => ({ value, name: words.device[value] })),
          ]}
        />
        <SearchBox
          label={t.begins}
          hint={t.beginsHint}
          value={name}
          onSearch={(to) => change({ name: to, page: undefined })}
        />
      </div>
      <DataTable
        label={t.devices}
        rows={answer.data?.Data.SimpleDeviceInfo}
        keyOf={({ IotId }) => IotId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        total={answer.data?.Total}
        empty={<p className="soft">{wanted || name !== '' ? t.noFoundNow : t.noFound}</p>}
        columns={[
          {
            name: t.device,
            cell: ({ ProductKey, DeviceName }) => (
              <Link href={`/devices/${ProductKey}/${DeviceName}`} className="wraps">
                {DeviceName}
              </Link>
            ),
          },
          {
            name: t.product,
            cell: ({ ProductKey, ProductName }) => <ProductLink productKey={ProductKey} name={ProductName} />,
            minor: true,
          },
          { name: t.status, cell: ({ Status: is }) => <Status of="device" status={is} /> },
          { name: t.lastOnline, cell: ({ UtcLastOnlineTime }) => <Time at={UtcLastOnlineTime} />, minor: true },
        ]}
      />
      {answer.data && answer.data.Total > 0 && (
        <Pager page={page} pageSize={PAGE_SIZE} total={answer.data.Total} onPage={(to) => change({ page: to })} />
      )}
    </Card>
  );
}
