import { useState } from 'react';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { TextArea } from '../../../ui/field.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { DevicePicker } from './device-picker.tsx';
import { newJobTexts } from './new-job-texts.ts';
import type { StepProps } from './step-props.ts';
import { without } from './use-typed-names.ts';

interface DeviceNamesProps extends StepProps {
  readonly label: string;
  readonly hint: string;
  readonly error: string | undefined;
  /** The most that can be picked. */
  readonly most: number;
}

/** Names of devices, typed, pasted, or picked from those of the product. */
export function DeviceNames({ draft, firmware, unknown, change, label, hint, error, most }: DeviceNamesProps) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  const may = useMay();
  const [isPicking, setPicking] = useState(false);
  const names = namesIn(draft.names);
  const set = (now: readonly string[]) => change({ names: now.join('\n'), list: undefined });
  return (
    <>
      <TextArea
        label={label}
        hint={hint}
        error={error}
        value={draft.names}
        rows={6}
        onChange={(text) => change({ names: text, list: undefined })}
      />
      <div className="row">
        {may('QueryDevice', 'BatchQueryDeviceDetail') && (
          <button type="button" className="button" onClick={() => setPicking(true)}>
            <Icon name="search" /> {t.pick}
          </button>
        )}
        {unknown.length > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => change({ names: without(draft.names, unknown), list: undefined })}
          >
            {t.leaveOut(formats.number(unknown.length))}
          </button>
        )}
        <span role="status">{names.length > 1 && t.nameCount(formats.number(names.length))}</span>
      </div>
      {isPicking && (
        <DevicePicker firmware={firmware} names={names} most={most} onChoose={set} onClose={() => setPicking(false)} />
      )}
    </>
  );
}
