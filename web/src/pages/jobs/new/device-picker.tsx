import { useState } from 'react';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { useCalm } from '../../../lib/use-calm.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { SelectField, TextField } from '../../../ui/field.tsx';
import { Status, statusTexts } from '../../../ui/status.tsx';
import { DataTable, Pager } from '../../../ui/table.tsx';
import { useDevicePage } from '../../devices/device-list.ts';
import { deviceStatuses, isDeviceStatus } from '../../devices/device-status.ts';
import { deviceTexts } from '../../devices/device-texts.ts';
import { DEPTH } from '../../devices/every-device.ts';
import { useKnownDevices } from '../../devices/known-devices.ts';
import { canBegin, soughtIn } from '../../devices/sought.ts';
import type { Package } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import { PresentVersion } from './present-version.tsx';

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
  const told = useTexts(deviceTexts);
  const words = useTexts(statusTexts);
  const formats = useFormats();
  const [typed, setTyped] = useState('');
  const [status, setStatus] = useState('');
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(names));
  const { ProductKey = '' } = firmware;
  const may = useMay();
  const begins = may('QueryDeviceBySQL');
  const wanted = useCalm(typed.trim(), CALM_MS);
  const sought = soughtIn(wanted, begins);
  const list = useDevicePage({
    productKey: ProductKey,
    status: isDeviceStatus(status) ? status : undefined,
    sought,
    page,
    size: PAGE_SIZE,
  });
  const rows = list.data?.devices;
  const details = useKnownDevices(ProductKey, rows?.map(({ name }) => name) ?? []);
  return (
    <Dialog title={t.pick} onClose={onClose} wide>
      <div className="dialog-body">
        <div className="filters">
          <TextField
            label={begins ? t.pickBegins : t.pickName}
            type="search"
            value={typed}
            spellCheck={false}
            onChange={(text) => {
              setTyped(text);
              setPage(1);
            }}
          />
          {may('QueryDeviceByStatus') && (
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
          )}
        </div>
        <DataTable
          label={t.pick}
          rows={rows}
          keyOf={({ name }) => name}
          error={list.error}
          onRetry={list.retry}
          stale={list.isStale}
          empty={
            sought.kind === 'begun' ? (
              <Empty title={told.noneBegins(sought.text)}>
                <p>{canBegin(sought.text) ? t.noneBegin : told.noneCanBegin}</p>
              </Empty>
            ) : (
              <Empty title={wanted === '' && status === '' ? t.noDevices : t.noneFound}>
                {wanted !== '' && <p>{t.noneNamed}</p>}
              </Empty>
            )
          }
          selection={{ keys: chosen, onChange: setChosen, nameOf: ({ name }) => name }}
          columns={[
            {
              name: t.device,
              cell: ({ name, nickname }) => (
                <span className="picker-name">
                  {name}
                  {nickname !== '' && <div className="soft small">{nickname}</div>}
                </span>
              ),
            },
            {
              name: t.status,
              cell: ({ name, status: known }) => (
                <Status of="device" status={details.data?.devices.get(name)?.Status ?? known} />
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
        {list.data && list.data.total > list.data.devices.length && (
          <Pager page={page} pageSize={PAGE_SIZE} total={list.data.total} depth={DEPTH} onPage={setPage} />
        )}
        {list.data?.withoutNicknames && <p className="soft small">{told.withoutNicknames}</p>}
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
