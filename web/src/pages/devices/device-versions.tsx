import { useAnswer } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Card } from '../../ui/page.tsx';
import { DataTable } from '../../ui/table.tsx';
import { oneDeviceTexts } from './one-device-texts.ts';

interface DevicePart {
  readonly productKey: string;
  readonly name: string;
}

/** Which version of each module a device reported last. */
export function DeviceVersions({ productKey, name }: DevicePart) {
  const t = useTexts(oneDeviceTexts);
  const request = { ProductKey: productKey, DeviceName: name, CurrentPage: 1, PageSize: 200 };
  const answer = useAnswer('ListOTAModuleVersionsByDevice', request, { every: 5_000 });
  return (
    <Card title={t.versions}>
      <DataTable
        label={t.versions}
        rows={answer.data?.Data.SimpleOTAModuleInfo}
        keyOf={({ ModuleName }) => ModuleName}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        empty={<p className="soft">{t.noVersions}</p>}
        columns={[
          { name: t.module, cell: ({ ModuleName }) => ModuleName },
          { name: t.version, cell: ({ ModuleVersion }) => <code>{ModuleVersion}</code> },
        ]}
      />
    </Card>
  );
}
