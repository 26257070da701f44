import { Link } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { deviceStatuses, statusNumbers } from '../devices/device-status.ts';
import { productTexts } from './product-texts.ts';

/** How many devices of a product are in each status; each number leads to them. */
export function DeviceCounts({ productKey }: { readonly productKey: string }) {
  const t = useTexts(productTexts);
  return (
    <Card title={t.byStatus}>
      <dl className="figures">
        {deviceStatuses.map((status) => (
          <Count key={status} productKey={productKey} status={status} />
        ))}
      </dl>
    </Card>
  );
}

function Count({
  productKey,
  status,
}: {
  readonly productKey: string;
  readonly status: (typeof deviceStatuses)[number];
}) {
  const formats = useFormats();
  const request = { ProductKey: productKey, Status: statusNumbers[status], CurrentPage: 1, PageSize: 1 };
  const { data } = useAnswer('QueryDeviceByStatus', request, { every: 15_000 });
  return (
    <div className="figure">
      <dt>
        <Status of="device" status={status} />
      </dt>
      <dd>
        {data ? (
          <Link href={`/devices?product=${productKey}&status=${status}`}>{formats.number(data.Total)}</Link>
        ) : (
          <span className="soft">–</span>
        )}
      </dd>
    </div>
  );
}
