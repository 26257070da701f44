import { useAnswer } from '../../../api/hooks.ts';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { TextArea } from '../../../ui/field.tsx';
import { newJobTexts } from './new-job-texts.ts';
import type { StepProps } from './step-props.ts';

/** Versions from which devices are updated: typed, or taken from those that devices run. */
export function SourceVersions({ draft, firmware, change, faultOf }: StepProps) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  const may = useMay();
  const distribution = useAnswer(
    'ListOTAVersionDistribution',
    { ProductKey: firmware.ProductKey ?? '', ModuleName: firmware.ModuleName, MaxVersions: 12 },
    { when: may('ListOTAVersionDistribution') },
  );
  const known = (distribution.data?.Data.Modules.ModuleDistribution[0]?.Versions.VersionDevices ?? []).filter(
    ({ Version }) => Version !== firmware.DestVersion,
  );
  const chosen = namesIn(draft.versions);
  const toggle = (version: string) => {
    const next = chosen.includes(version) ? chosen.filter((each) => each !== version) : [...chosen, version];
    change({ versions: next.join('\n') });
  };
  return (
    <>
      <TextArea
        label={draft.kind === 'dynamic' ? t.versionsNeeded : t.versions}
        hint={draft.kind === 'dynamic' ? t.versionsNeededHint : t.versionsHint}
        error={faultOf('versions')}
        value={draft.versions}
        onChange={(versions) => change({ versions })}
      />
      {known.length > 0 && (
        <fieldset className="version-chips">
          <legend className="soft small">{t.versionsNow}</legend>
          {known.map(({ Version, DeviceCount }) => (
            <button
              key={Version}
              type="button"
              className="button"
              aria-pressed={chosen.includes(Version)}
              onClick={() => toggle(Version)}
            >
              {Version} <span className="soft">{formats.number(DeviceCount)}</span>
            </button>
          ))}
        </fieldset>
      )}
    </>
  );
}
