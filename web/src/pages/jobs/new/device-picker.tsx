import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isDeviceName } from '../../../../../src/contract/names.ts';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { useCalm } from '../../../lib/use-calm.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { SelectField, TextField } from '../../../ui/field.tsx';
import { Status, statusTexts } from '../../../ui/status.tsx';
import { DataTable, Pager } from '../../../ui/table.tsx';
import { everyDevice } from '../../devices/device-list.ts';
import { deviceStatuses } from '../../devices/device-status.ts';
import { useKnownDevices } from '../../devices/known-devices.ts';
import type { Package } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import { PresentVersion } from './present-version.tsx';

/** Devices that are read, the newest: names are searched among them. Any other device is found by its whole name. */
const MOST_READ = 1_000;
const PAGE_SIZE = 8;
const CALM_MS = 250;

interface DevicePickerProps {
  readonly firmware: Package;
  readonly names: readonly string[];
  /** The most that can be chosen. */
  readonly most: number;
  readonly onChoose: (names: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Chooses devices of the package's product from a list. */
export function DevicePicker({ firmware, names, most, onChoose, onClose }: DevicePickerProps) {
  const t = useTexts(newJobTexts);
  const words = useTexts(statusTexts);
  const formats = useFormats();
  const [typed, setTyped] = useState('');
  const [status, setStatus] = useState('');
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(names));
  const { ProductKey = '' } = firmware;
  const some = useDevices(ProductKey);
  const wanted = useCalm(typed.trim(), CALM_MS);
  const isWhole = some.data !== undefined && some.data.total <= some.data.devices.length;
  const found = some.data?.devices.filter(
    (device) =>
      (status === '' || device.status === status) &&
      `${device.name}\n${device.nickname}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  const named = useKnownDevices(ProductKey, [wanted], {
    when: !isWhole && isDeviceName(wanted) && found?.length === 0,
  });
  const all = found?.map(({ name }) => name).concat(...(named.data?.devices.keys() ?? []));
  const shown = all?.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const details = useKnownDevices(ProductKey, shown ?? []);
  const rows = shown?.map((name) => ({ name, listed: some.data?.devices.find((device) => device.name === name) }));
  return (
    <Dialog title={t.pick} onClose={onClose} wide>
      <div className="dialog-body">
        <div className="filters">
          <TextField
            label={t.pickName}
            type="search"
            value={typed}
            spellCheck={false}
            onChange={(text) => {
              setTyped(text);
              setPage(1);
            }}
          />
          <SelectField
            label={t.status}
            value={status}
            onChange={(value) => {
              setStatus(value);
              setPage(1);
            }}
            options={[
              { value: '', name: t.anyStatus },
              ...deviceStatuses.map((value) => ({ value: value as string, name: words.device[value] })),
            ]}
          />
        </div>
        <DataTable
          label={t.pick}
          rows={rows}
          keyOf={({ name }) => name}
          error={some.error}
          onRetry={() => void some.refetch()}
          empty={<Empty title={typed === '' && status === '' ? t.noDevices : t.noneFound} />}
          selection={{ keys: chosen, onChange: setChosen, nameOf: ({ name }) => name }}
          columns={[
            {
              name: t.device,
              cell: ({ name, listed }) => (
                <span className="picker-name">
                  {name}
                  {listed?.nickname && <div className="soft small">{listed.nickname}</div>}
                </span>
              ),
            },
            {
              name: t.status,
              cell: ({ name, listed }) => (
                <Status of="device" status={details.data?.devices.get(name)?.Status ?? listed?.status ?? ''} />
              ),
            },
            {
              name: t.presentVersion,
              minor: true,
              cell: ({ name }) => {
                const device = details.data?.devices.get(name);
                return device ? <PresentVersion device={device} firmware={firmware} /> : '–';
              },
            },
          ]}
        />
        {all && all.length > PAGE_SIZE && (
          <Pager page={page} pageSize={PAGE_SIZE} total={all.length} onPage={setPage} />
        )}
        {some.data && !isWhole && <p className="soft small">{t.newestOnly(formats.number(MOST_READ))}</p>}
      </div>
      <div className="dialog-foot picker-foot">
        <span role="status" className={chosen.size > most ? 'field-error' : 'soft'}>
          {chosen.size > most ? t.tooManyPicked(formats.number(most)) : t.picked(formats.number(chosen.size))}
        </span>
        <button type="button" className="button" onClick={onClose}>
          {t.pickNot}
        </button>
        <button
          type="button"
          className="button main"
          disabled={chosen.size > most}
          onClick={() => {
            onChoose([...chosen]);
            onClose();
          }}
        >
          {t.pickDo}
        </button>
      </div>
    </Dialog>
  );
}

/** The newest devices of a product. */
function useDevices(productKey: string) {
  return useQuery({
    queryKey: ['QueryDevice', 'newest', productKey],
    staleTime: 15_000,
    queryFn: async ({ signal }) => {
      const devices = [];
      for await (const page of everyDevice({ productKey, status: undefined }, signal)) {
        devices.push(...page.devices);
        if (devices.length >= MOST_READ) return { devices, total: page.total };
      }
      return { devices, total: devices.length };
    },
  });
}
