import type { AnswerOf } from '../../api/client.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { several } from '../../i18n/several.ts';
import { texts } from '../../i18n/texts.ts';
import { Bars } from '../../ui/bars.tsx';
import { Time } from '../../ui/time.tsx';

type Distribution = AnswerOf<'ListOTAVersionDistribution'>['Data'];

const versionTexts = texts({
  en: {
    of: (module: string) => `Devices by version of module ${module}`,
    none: 'No device of this product has reported a version yet.',
    others: (versions: string) => several(versions, 'other version', 'other versions'),
    unreported: 'Reported nothing',
    counted: 'Counted',
  },
  zh: {
    of: (module: string) => `模块 ${module} 的设备版本分布`,
    none: '该产品还没有设备上报版本号。',
    others: (versions: string) => `其他 ${versions} 个版本`,
    unreported: '未上报版本号',
    counted: '统计时间',
  },
});

/** Which versions of each module the devices of a product run, and when that was counted. */
export function VersionBars({ distribution }: { readonly distribution: Distribution }) {
  const t = useTexts(versionTexts);
  const formats = useFormats();
  const modules = distribution.Modules.ModuleDistribution;
  return (
    <>
      {modules.length === 0 && <p className="soft">{t.none}</p>}
      {modules.map(({ ModuleName, Versions, VersionCount, OtherDeviceCount, DeviceCount }) => {
        const shown = Versions.VersionDevices;
        const silent = distribution.DeviceCount - DeviceCount;
        return (
          <div key={ModuleName}>
            <h3>{ModuleName}</h3>
            <Bars
              label={t.of(ModuleName)}
              bars={[
                ...shown.map(({ Version, DeviceCount: value }) => ({ name: Version, value })),
                ...(OtherDeviceCount > 0
                  ? [{ name: t.others(formats.number(VersionCount - shown.length)), value: OtherDeviceCount }]
                  : []),
                ...(silent > 0 ? [{ name: t.unreported, value: silent }] : []),
              ]}
            />
          </div>
        );
      })}
      <p className="soft small">
        {t.counted} <Time at={distribution.UtcCounted} />
      </p>
    </>
  );
}
