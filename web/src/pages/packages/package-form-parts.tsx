import { isVersion } from '../../../../src/contract/names.ts';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { useCalm } from '../../lib/use-calm.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { packagesTexts } from './packages-texts.ts';

interface PartProps {
  readonly product: string;
  /** Empty for the default one. */
  readonly module: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const DEFAULT_MODULE = 'default';
const CALM_MS = 400;

/** The module that a package is for; nothing where the product has none but the default one. */
export function ModuleSelect({ product, value, onChange }: Omit<PartProps, 'module'>) {
  const t = useTexts(packagesTexts);
  const modules = useAnswer('ListOTAModuleByProduct', { ProductKey: product }, { when: product !== '' });
  const own = modules.data?.Data ?? [];
  if (own.length === 0) return null;
  return (
    <SelectField
      label={t.module}
      value={value}
      onChange={onChange}
      options={[
        { value: '', name: t.defaultModule },
        ...own.map(({ ModuleName, AliasName }) => ({
          value: ModuleName,
          name: AliasName === '' ? ModuleName : t.called(ModuleName, AliasName),
        })),
      ]}
    />
  );
}

/** The version of a package. The same one may come twice, but seldom on purpose. */
export function VersionField({ product, module, value, onChange }: PartProps) {
  const t = useTexts(packagesTexts);
  const calm = useCalm(value.trim(), CALM_MS);
  const request = { ProductKey: product, DestVersion: calm, CurrentPage: 1, PageSize: 100 };
  const same = useAnswer('ListOTAFirmware', request, { when: product !== '' && isVersion(calm) });
  const others = (same.data?.FirmwareInfo.SimpleFirmwareInfo ?? []).filter(
    ({ ModuleName }) => ModuleName === (module || DEFAULT_MODULE),
  );
  return (
    <TextField
      label={t.version}
      hint={
        <>
          {t.versionHint}
          {others.length > 0 && (
            <div role="status">{t.versionTaken(others.map(({ FirmwareName }) => FirmwareName).join(', '))}</div>
          )}
        </>
      }
      rule={isVersion}
      value={value}
      spellCheck={false}
      required
      onChange={onChange}
    />
  );
}

interface SourceVersionProps extends PartProps {
  readonly error: string | undefined;
  /** The version of the package. */
  readonly destination: string;
}

/** The version that a differential package is for; those that devices run are offered. */
export function SourceVersion({ product, module, value, error, destination, onChange }: SourceVersionProps) {
  const t = useTexts(packagesTexts);
  const may = useMay();
  const distribution = useAnswer(
    'ListOTAVersionDistribution',
    { ProductKey: product, ModuleName: module || DEFAULT_MODULE, MaxVersions: 50 },
    { when: product !== '' && may('ListOTAVersionDistribution') },
  );
  const versions = distribution.data?.Data.Modules.ModuleDistribution[0]?.Versions.VersionDevices ?? [];
  return (
    <TextField
      label={t.sourceVersion}
      hint={t.sourceVersionHint}
      error={error}
      wrong={value !== '' && value.trim() === destination.trim() ? t.sameVersions : undefined}
      rule={isVersion}
      value={value}
      spellCheck={false}
      required
      choices={versions.map(({ Version }) => Version).filter((version) => version !== '' && version !== destination)}
      onChange={onChange}
    />
  );
}
