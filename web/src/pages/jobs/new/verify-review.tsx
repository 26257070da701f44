import { Refusal } from '../../../api/client.ts';
import { useAnswer } from '../../../api/hooks.ts';
import { useMay } from '../../../app/session.tsx';
import { useTexts } from '../../../i18n/language.tsx';
import { Card } from '../../../ui/page.tsx';
import { Status } from '../../../ui/status.tsx';
import { linesIn } from '../lines.ts';
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
            </tr>
          </thead>
          <tbody>
            {linesIn(draft.names).map((name) => (
              <TestDevice key={name} name={name} productKey={firmware.ProductKey ?? ''} />
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}

function TestDevice({ name, productKey }: { readonly name: string; readonly productKey: string }) {
  const t = useTexts(newJobTexts);
  const may = useMay();
  const detail = useAnswer(
    'QueryDeviceDetail',
    { ProductKey: productKey, DeviceName: name },
    { when: may('QueryDeviceDetail'), every: 10_000 },
  );
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
    </tr>
  );
}
