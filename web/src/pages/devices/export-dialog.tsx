import { useState } from 'react';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { BYTE_ORDER_MARK, toCsv } from '../../lib/csv.ts';
import { saveCsv } from '../../lib/save-file.ts';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { CheckField } from '../../ui/field.tsx';
import { Progress } from '../../ui/progress.tsx';
import type { DeviceStatus } from './device-status.ts';
import { deviceTexts } from './device-texts.ts';
import { everyBegun, everyDevice, type ListedDevice } from './every-device.ts';

interface ExportDialogProps {
  readonly productKey: string;
  readonly status: DeviceStatus | undefined;
  /** Only devices whose names or nicknames begin so. */
  readonly begun: string | undefined;
  /** Devices that were looked for by whole names; the list is read without it. */
  readonly devices: readonly ListedDevice[] | undefined;
  readonly total: number;
  readonly onClose: () => void;
}

/** Reads a whole list, page after page, into a CSV file. */
export function ExportDialog({ productKey, status, begun, devices, total, onClose }: ExportDialogProps) {
  const t = useTexts(deviceTexts);
  const formats = useFormats();
  const [secrets, setSecrets] = useState(false);
  const [read, setRead] = useState<number>();
  const stop = useStop();
  const may = useMay();
  // a search does not tell secrets
  const offersSecrets = begun === undefined || may('BatchQueryDeviceDetail');

  async function* pages(signal: AbortSignal) {
    if (begun !== undefined) yield* everyBegun({ productKey, status, text: begun }, { total, secrets }, signal);
    else for await (const page of everyDevice({ productKey, status }, signal)) yield page.devices;
  }
  const submit = async () => {
    const secretCell = (text: string) => (secrets ? [text] : []);
    const head = [
      'ProductKey',
      'DeviceName',
      'Nickname',
      'Status',
      'IotId',
      'UtcCreate',
      ...secretCell('DeviceSecret'),
    ];
    const rowsOf = (some: readonly ListedDevice[]) =>
      toCsv(
        some.map(({ name, nickname, status: text, iotId, createdAt, secret }) => [
          productKey,
          name,
          nickname,
          text,
          iotId,
          createdAt,
          ...secretCell(secret),
        ]),
      );
    const parts = [BYTE_ORDER_MARK, toCsv([head])];
    if (devices) parts.push(rowsOf(devices));
    else {
      let count = 0;
      for await (const some of pages(stop())) {
        parts.push(rowsOf(some));
        count += some.length;
        setRead(count);
      }
    }
    saveCsv(`devices-${productKey}.csv`, parts);
  };
  return (
    <FormDialog title={t.exportTitle} submit={t.exportStart} onSubmit={submit} onClose={onClose}>
      <p>{t.exportText(formats.number(total))}</p>
      {offersSecrets && (
        <CheckField label={t.exportSecrets} hint={t.exportSecretsHint} checked={secrets} onChange={setSecrets} />
      )}
      {read !== undefined && (
        <Progress text={t.exportProgress(formats.number(read), formats.number(total))} done={read} total={total} />
      )}
    </FormDialog>
  );
}
