import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { PAGE_SIZE } from './device-request.ts';
import { useDeviceStates } from './device-states.ts';
import { deviceTexts } from './device-texts.ts';
import type { ListedDevice } from './every-device.ts';

interface DeviceTableProps {
  readonly devices: readonly ListedDevice[] | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly stale: boolean;
  /** Names of the ticked devices. */
  readonly selected: ReadonlySet<string>;
  /** Without it nothing can be ticked. */
  readonly onSelect: ((names: ReadonlySet<string>) => void) | undefined;
  readonly empty: ReactNode;
}

export function DeviceTable({ devices, error, onRetry, stale, selected, onSelect, empty }: DeviceTableProps) {
  const t = useTexts(deviceTexts);
  const states = useDeviceStates((devices ?? []).slice(0, PAGE_SIZE).map(({ iotId }) => iotId));
  const may = useMay();
  const productKey = devices?.[0]?.productKey ?? '';
  const names = (devices ?? []).slice(0, PAGE_SIZE).map(({ name }) => name);
  const details = useAnswer(
    'BatchQueryDeviceDetail',
    { ProductKey: productKey, DeviceName: names },
    { every: 15_000, keepLast: true, when: names.length > 0 && may('BatchQueryDeviceDetail') },
  );
  const versions = new Map(details.data?.Data.Data.map((detail) => [detail.DeviceName, detail.FirmwareVersion]));
  return (
    <DataTable
      label={t.devices}
      rows={devices}
      keyOf={({ name }) => name}
      error={error}
      onRetry={onRetry}
      stale={stale}
      empty={empty}
      selection={onSelect && { keys: selected, onChange: onSelect, nameOf: ({ name }) => name }}
      columns={[
        {
          name: t.name,
          cell: ({ productKey, name }) => (
            <Link href={`/devices/${productKey}/${name}`} className="wraps">
              {name}
            </Link>
          ),
        },
        { name: t.nickname, cell: ({ nickname }) => nickname, minor: true },
        { name: t.status, cell: ({ status }) => <Status of="device" status={status} /> },
        ...(may('BatchQueryDeviceDetail')
          ? [{ name: t.version, cell: ({ name }: ListedDevice) => versions.get(name) || '–' }]
          : []),
        { name: t.lastOnline, cell: ({ iotId }) => <Time at={states.get(iotId)?.lastOnline} />, minor: true },
        { name: t.created, cell: ({ createdAt }) => <Time at={createdAt} />, minor: true },
      ]}
    />
  );
}
