import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card } from '../../ui/page.tsx';
import { oneDeviceTexts } from './one-device-texts.ts';

interface DevicePart {
  readonly productKey: string;
  readonly name: string;
}

/** The groups that a device is in or whose rules find it. */
export function DeviceGroups({ productKey, name }: DevicePart) {
  const t = useTexts(oneDeviceTexts);
  const { data, error, refetch } = useAnswer(
    'QueryDeviceGroupByDevice',
    { ProductKey: productKey, DeviceName: name },
    { every: 30_000 },
  );
  const groups = data?.GroupInfos.GroupInfo;
  return (
    <Card title={t.groups}>
      {error && !groups && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!error && !groups && <Loading />}
      {groups?.length === 0 && <p className="soft">{t.noGroups}</p>}
      <ul>
        {groups?.map(({ GroupId, GroupName, GroupType }) => (
          <li key={GroupId}>
            <Link href={`/groups/${GroupId}`}>{GroupName}</Link>
            {GroupType === 'LINK_PLATFORM_DYNAMIC' && <span className="soft"> {t.dynamic}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
