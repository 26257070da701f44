import { useAnswer } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Bars } from '../../ui/bars.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { productTexts } from './product-texts.ts';

/** Which versions of each module the devices of a product run. */
export function VersionCard({ productKey }: { readonly productKey: string }) {
  const t = useTexts(productTexts);
  const { data, error, refetch } = useAnswer(
    'ListOTAVersionDistribution',
    { ProductKey: productKey },
    { every: 30_000 },
  );
  const counted = data?.Data;
  const modules = counted?.Modules.ModuleDistribution;
  return (
    <Card title={t.versions}>
      {error && !counted && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!error && !counted && <Loading />}
      {modules?.length === 0 && <p className="soft">{t.noVersions}</p>}
      {modules?.map(({ ModuleName, Versions, OtherDeviceCount, DeviceCount }) => (
        <div key={ModuleName}>
          <h3>{ModuleName}</h3>
          <Bars
            label={t.versionsOf(ModuleName)}
            bars={[
              ...Versions.VersionDevices.map(({ Version, DeviceCount: value }) => ({ name: Version, value })),
              ...(OtherDeviceCount > 0 ? [{ name: t.otherVersions, value: OtherDeviceCount }] : []),
              ...(counted && counted.DeviceCount > DeviceCount
                ? [{ name: t.notReported, value: counted.DeviceCount - DeviceCount }]
                : []),
            ]}
          />
        </div>
      ))}
      {counted && (
        <p className="soft small">
          {t.counted} <Time at={counted.UtcCounted} />
        </p>
      )}
    </Card>
  );
}
