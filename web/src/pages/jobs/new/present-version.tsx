import { LARGEST_PAGE } from '../../../api/every-page.ts';
import { useAnswer } from '../../../api/hooks.ts';
import { useMay } from '../../../app/session.tsx';
import { useTexts } from '../../../i18n/language.tsx';
import type { KnownDevice } from '../../devices/known-devices.ts';
import type { Package } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';
import { isNewer } from './versions.ts';

interface PresentVersionProps {
  readonly device: KnownDevice;
  readonly firmware: Package;
}

/** Details of a device tell the version of this module, without another call. */
const DEFAULT_MODULE = 'default';

/** The version that a device runs of the package's module, and what the package would mean to it. */
export function PresentVersion({ device, firmware }: PresentVersionProps) {
  const t = useTexts(newJobTexts);
  const may = useMay();
  const isDefault = firmware.ModuleName === DEFAULT_MODULE;
  const versions = useAnswer(
    'ListOTAModuleVersionsByDevice',
    { ProductKey: device.ProductKey, DeviceName: device.DeviceName, CurrentPage: 1, PageSize: LARGEST_PAGE },
    { when: !isDefault && may('ListOTAModuleVersionsByDevice') },
  );
  if (!isDefault && !versions.data) return <>–</>;
  const modules = versions.data?.Data.SimpleOTAModuleInfo ?? [];
  const version = isDefault
    ? device.FirmwareVersion
    : (modules.find(({ ModuleName }) => ModuleName === firmware.ModuleName)?.ModuleVersion ?? '');
  if (version === '') return <span className="soft">{t.noVersion}</span>;
  const meaning =
    version === firmware.DestVersion ? t.thisVersion : isNewer(version, firmware.DestVersion) ? t.newerVersion : '';
  return (
    <>
      {version}
      {meaning !== '' && <div className="soft small">{meaning}</div>}
    </>
  );
}
