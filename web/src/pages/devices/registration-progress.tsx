import { Link } from 'wouter';
import { useFormats, useServerWords, useTexts } from '../../i18n/language.tsx';
import { toCsv } from '../../lib/csv.ts';
import { saveCsv } from '../../lib/save-file.ts';
import { Icon } from '../../ui/icon.tsx';
import { Progress } from '../../ui/progress.tsx';
import { DataTable } from '../../ui/table.tsx';
import { registerTexts } from './register-texts.ts';
import type { BadName, RegisteredDevice } from './registration.ts';
import type { Registration } from './use-registration.ts';

const SHOWN = 100;

interface RegistrationProgressProps {
  readonly productKey: string;
  readonly registration: Registration;
}

/** What becomes of an application for devices, from the check of its names to the file with their secrets. */
export function RegistrationProgress({ productKey, registration }: RegistrationProgressProps) {
  const t = useTexts(registerTexts);
  const formats = useFormats();
  const { stage, registerNames, stop, reset } = registration;
  const back = (
    <button type="button" className="button" onClick={reset}>
      {t.back}
    </button>
  );
  switch (stage.at) {
    case 'checking':
    case 'registering': {
      const say = stage.at === 'checking' ? t.checking : t.registering;
      return (
        <>
          <Progress
            text={say(formats.number(stage.done), formats.number(stage.total))}
            done={stage.done}
            total={stage.total}
          />
          <div>
            <button type="button" className="button" onClick={stop}>
              {t.stop}
            </button>
          </div>
        </>
      );
    }
    case 'refused':
      return (
        <>
          <div role="alert">
            <h2>{t.refused(formats.number(stage.bad.length))}</h2>
          </div>
          <BadNames label={t.refused(formats.number(stage.bad.length))} bad={stage.bad} />
          <div className="row">
            {stage.rest.length > 0 && (
              <button type="button" className="button main" onClick={() => registerNames(stage.rest)}>
                {t.registerOthers(formats.number(stage.rest.length))}
              </button>
            )}
            {back}
          </div>
        </>
      );
    case 'stopped':
      return (
        <>
          <p role="status">{t.stopped}</p>
          <div className="row">
            <Link href={`/devices?product=${productKey}`} className="button">
              {t.toDevices}
            </Link>
            {back}
          </div>
        </>
      );
    case 'done':
      return (
        <>
          <div role="status">
            <h2>{t.done(formats.number(stage.devices.length))}</h2>
          </div>
          {stage.bad.length > 0 && <BadNames label={t.failed(formats.number(stage.bad.length))} bad={stage.bad} />}
          <div>
            <button type="button" className="button main" onClick={() => saveCredentials(productKey, stage.devices)}>
              <Icon name="download" /> {t.download}
            </button>
            <p className="soft small">{t.downloadHint}</p>
          </div>
          <div className="row">
            <Link href={`/devices?product=${productKey}`} className="button">
              {t.toDevices}
            </Link>
            <button type="button" className="button" onClick={reset}>
              {t.again}
            </button>
          </div>
        </>
      );
    default:
      return null;
  }
}

function BadNames({ label, bad }: { readonly label: string; readonly bad: readonly BadName[] }) {
  const t = useTexts(registerTexts);
  const formats = useFormats();
  const server = useServerWords();
  return (
    <div>
      <DataTable
        label={label}
        rows={bad.slice(0, SHOWN)}
        keyOf={({ name }) => name}
        empty={null}
        columns={[
          { name: t.name, cell: ({ name }) => <code>{name}</code> },
          { name: t.reason, cell: ({ reason }) => reason.split('|').map(server.sentence).join(' ') },
        ]}
      />
      {bad.length > SHOWN && <p>{t.more(formats.number(bad.length - SHOWN))}</p>}
    </div>
  );
}

function saveCredentials(productKey: string, devices: readonly RegisteredDevice[]): void {
  const rows = devices.map(({ DeviceName, DeviceSecret, IotId }) => [productKey, DeviceName, DeviceSecret, IotId]);
  saveCsv(`credentials-${productKey}.csv`, [toCsv([['ProductKey', 'DeviceName', 'DeviceSecret', 'IotId'], ...rows])]);
}
