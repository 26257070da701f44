import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { Icon } from '../../../ui/icon.tsx';
import { Card } from '../../../ui/page.tsx';
import { Status } from '../../../ui/status.tsx';
import { DataTable } from '../../../ui/table.tsx';
import type { KnownDevice } from '../../devices/known-devices.ts';
import { newJobTexts } from './new-job-texts.ts';
import { PresentVersion } from './present-version.tsx';
import type { StepProps } from './step-props.ts';
import { without } from './use-typed-names.ts';

interface VerifyReviewProps extends StepProps {
  readonly devices: ReadonlyMap<string, KnownDevice>;
}

/** The test devices, each as it is now. */
export function VerifyReview({ draft, firmware, unknown, devices, change }: VerifyReviewProps) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  return (
    <Card title={t.testDevices}>
      <p className="soft">{t.toVersion(firmware.DestVersion)}</p>
      <DataTable
        label={t.testDevices}
        rows={namesIn(draft.names).map((name) => ({ name, device: devices.get(name) }))}
        keyOf={({ name }) => name}
        empty={null}
        columns={[
          { name: t.device, cell: ({ name }) => <span className="roomy">{name}</span> },
          {
            name: t.status,
            cell: ({ name, device }) =>
              device ? (
                <Status of="device" status={device.Status} />
              ) : (
                unknown.includes(name) && <span className="field-error">{t.unknownDevice}</span>
              ),
          },
          {
            name: t.presentVersion,
            cell: ({ device }) => (device ? <PresentVersion device={device} firmware={firmware} /> : '–'),
          },
        ]}
      />
      {unknown.length > 0 && (
        <div className="note" role="alert">
          <Icon name="warning" />
          <div>
            <p>{t.notWithUnknown}</p>
            <button type="button" className="button" onClick={() => change({ names: without(draft.names, unknown) })}>
              {t.leaveOut(formats.number(unknown.length))}
            </button>
          </div>
        </div>
      )}
    </Card>
  );
}
