import { Refusal } from '../../../api/client.ts';
import { LARGEST_PAGE } from '../../../api/every-page.ts';
import { useAnswer } from '../../../api/hooks.ts';
import { useMay } from '../../../app/session.tsx';
import { useTexts } from '../../../i18n/language.tsx';
import { namesIn } from '../../../lib/names-in.ts';
import { Card } from '../../../ui/page.tsx';
import { Status } from '../../../ui/status.tsx';
import type { Draft, Package } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';

interface VerifyReviewProps {
  readonly draft: Draft;
  readonly firmware: Package;
}

/** The test devices, each as it is now. */
export function VerifyReview({ draft, firmware }: VerifyReviewProps) {
  const t = useTexts(newJobTexts);
  return (
    <Card title={t.testDevices}>
      <p className="soft">{t.toVersion(firmware.DestVersion)}</p>
      <section className="table-frame">
        <table>
          <thead>
            <tr>
              <th scope="col">{t.device}</th>
              <th scope="col">{t.status}</th>
              <th scope="col">{t.presentVersion}</th>
            </tr>
          </thead>
          <tbody>
            {namesIn(draft.names).map((name) => (
              <TestDevice key={name} name={name} firmware={firmware} />
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}

function TestDevice({ name, firmware }: { readonly name: string; readonly firmware: Package }) {
  const t = useTexts(newJobTexts);
  const may = useMay();
  const device = { ProductKey: firmware.ProductKey ?? '', DeviceName: name };
  const detail = useAnswer('QueryDeviceDetail', device, { when: may('QueryDeviceDetail'), every: 10_000 });
  const versions = useAnswer(
    'ListOTAModuleVersionsByDevice',
    { ...device, CurrentPage: 1, PageSize: LARGEST_PAGE },
    { when: detail.data !== undefined && may('ListOTAModuleVersionsByDevice'), every: 10_000 },
  );
  const present = versions.data?.Data.SimpleOTAModuleInfo.find(({ ModuleName }) => ModuleName === firmware.ModuleName);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {detail.data ? (
          <Status of="device" status={detail.data.Data.Status} />
        ) : (
          detail.error instanceof Refusal && <span className="field-error">{t.unknownDevice}</span>
        )}
      </td>
      <td>{present?.ModuleVersion ?? (versions.data ? t.noVersion : '–')}</td>
    </tr>
  );
}
