import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useProducts } from '../../api/products.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { namesIn } from '../../lib/names-in.ts';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { statusTexts } from '../../ui/status.tsx';
import { Pager } from '../../ui/table.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { AddToGroupDialog } from './add-to-group-dialog.tsx';
import { BulkBar, BulkDialog, type BulkWay } from './bulk-dialog.tsx';
import { MOST_NAMES, useDevicePage } from './device-list.ts';
import { PAGE_SIZE } from './device-request.ts';
import { deviceStatuses, isDeviceStatus } from './device-status.ts';
import { DeviceTable } from './device-table.tsx';
import { type DeviceTexts, deviceTexts } from './device-texts.ts';
import { DEPTH } from './every-device.ts';
import { ExportDialog } from './export-dialog.tsx';
import { NoProducts } from './no-products.tsx';
import { canBegin, type Sought, soughtIn } from './sought.ts';

/** Without all of these nothing can be done with ticked devices. */
const bulkActions = ['DeleteDevice', 'DisableThing', 'EnableThing', 'BatchAddDeviceGroupRelations'] as const;

export function DeviceListPage() {
  const t = useTexts(deviceTexts);
  const formats = useFormats();
  const words = useTexts(statusTexts);
  const may = useMay();
  const [parameters, change] = useParameters();
  const products = useProducts();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<BulkWay | 'export' | 'group'>();

  // the newest one that has something to show
  const firstProduct = products.data?.find(({ DeviceCount }) => DeviceCount > 0) ?? products.data?.[0];
  const productKey = parameters.get('product') ?? firstProduct?.ProductKey ?? '';
  const status = parameters.get('status');
  const wantedStatus = isDeviceStatus(status) ? status : undefined;
  const typed = parameters.get('name') ?? '';
  const begins = may('QueryDeviceBySQL');
  const sought = soughtIn(typed, begins);
  const given = sought.kind === 'names' ? sought.names : [];
  const page = pageIn(parameters);
  const list = useDevicePage({
    productKey,
    status: wantedStatus,
    sought,
    page,
    token: parameters.get('token') ?? undefined,
  });
  const { data } = list;
  const nextToken = list.isStale ? undefined : list.data?.nextToken;
  // where pages beyond the depth begin, for the way back to them
  const tokens = useRef(new Map<number, string>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is ticked belongs to the product
  useEffect(() => {
    setSelected(new Set());
    tokens.current.clear();
  }, [productKey]);
  useEffect(() => {
    if (nextToken) tokens.current.set(page + 1, nextToken);
  }, [page, nextToken]);
  if (productKey === '')
    return (
      <Page title={t.devices}>
        {products.isPending && <Loading />}
        {products.error && <ErrorNote error={products.error} onRetry={() => void products.refetch()} />}
        {products.data && <NoProducts />}
      </Page>
    );

  const goTo = (to: number) => {
    const reach = Math.ceil(DEPTH / PAGE_SIZE);
    const token = filtered || to <= reach ? undefined : tokens.current.get(to);
    const reached = filtered || token !== undefined ? to : Math.min(to, reach);
    change({ page: reached, token });
  };
  const filtered = sought.kind !== 'all' || wantedStatus !== undefined;
  const changeFilter = (to: { product?: string; status?: string; name?: string }) =>
    change({ product: productKey, ...to, page: undefined, token: undefined });
  const found = new Set(data?.devices.map((device) => device.name));
  const unfound =
    given.length > 0 && data && !wantedStatus && !list.isStale
      ? given.slice(0, MOST_NAMES).filter((name) => !found.has(name))
      : [];
  const register = may('RegisterDevice') && (
    <Link href={`/devices/register?product=${productKey}`} className="button main">
      <Icon name="plus" /> {t.register}
    </Link>
  );
  const showAll = (
    <button type="button" className="button" onClick={() => changeFilter({ status: '', name: '' })}>
      {t.showAll}
    </button>
  );
  return (
    <Page
      title={t.devices}
      tools={
        <>
          <button type="button" className="button" onClick={() => setOpen('export')} disabled={!data?.total}>
            <Icon name="download" /> {t.export}
          </button>
          {register}
        </>
      }
    >
      <Card>
        <div className="filters">
          <ProductSelect value={productKey} onChange={(product) => changeFilter({ product })} />
          <SelectField
            label={t.status}
            value={wantedStatus ?? ''}
            onChange={(to) => changeFilter({ status: to })}
            options={[
              { value: '', name: t.anyStatus },
              ...deviceStatuses.map((value) => ({ value, name: words.device[value] })),
            ]}
          />
          {(begins || may('BatchQueryDeviceDetail')) && (
            <SearchBox
              label={begins ? t.begins : t.search}
              hint={begins ? t.beginsHint : t.searchHint}
              value={typed}
              onSearch={(text) => changeFilter({ name: namesIn(text).join(',') })}
            />
          )}
        </div>
        {given.length > MOST_NAMES && <p className="note">{t.tooManyNames}</p>}
        {data?.withoutNicknames && <p className="note">{t.withoutNicknames}</p>}
        {unfound.length > 0 && (
          <p className="note" role="status">
            <span className="wraps">{t.notFound(formats.list(unfound))}</span>
          </p>
        )}
        {selected.size > 0 && (
          <BulkBar count={selected.size} onClear={() => setSelected(new Set())} onChoose={setOpen} />
        )}
        <DeviceTable
          devices={data?.devices}
          error={list.error}
          onRetry={list.retry}
          stale={list.isStale}
          selected={selected}
          onSelect={bulkActions.some((action) => may(action)) ? setSelected : undefined}
          empty={
            filtered || data?.total ? (
              <Empty title={sought.kind === 'begun' ? t.noneBegins(sought.text) : t.noneMatch}>
                <p>{nextOf(sought, t)}</p>
                {showAll}
              </Empty>
            ) : (
              <Empty title={t.none}>
                <p>{register ? t.noneNext : t.noneReader}</p>
                {register}
              </Empty>
            )
          }
        />
        {data && data.total > 0 && (
          <Pager
            page={page}
            pageSize={given.length > 0 ? MOST_NAMES : PAGE_SIZE}
            total={data.total}
            depth={given.length > 0 || (wantedStatus && sought.kind === 'all') ? Number.POSITIVE_INFINITY : DEPTH}
            onPage={(to) => goTo(to)}
            onBeyond={nextToken && !filtered ? () => change({ page: page + 1, token: nextToken }) : undefined}
          />
        )}
      </Card>
      {open === 'export' && data && (
        <ExportDialog
          productKey={productKey}
          status={wantedStatus}
          begun={sought.kind === 'begun' ? sought.text : undefined}
          devices={given.length > 0 ? data.devices : undefined}
          total={data.total}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'group' && (
        <AddToGroupDialog
          productKey={productKey}
          names={[...selected]}
          onClose={() => setOpen(undefined)}
          onDone={() => setSelected(new Set())}
        />
      )}
      {open && open !== 'export' && open !== 'group' && (
        <BulkDialog
          way={open}
          productKey={productKey}
          names={[...selected]}
          onClose={() => setOpen(undefined)}
          onDone={(failed) => setSelected(new Set(failed))}
        />
      )}
    </Page>
  );
}

/** What to do when nothing was found. */
function nextOf(sought: Sought, t: DeviceTexts): string {
  if (sought.kind !== 'begun') return t.noneMatchNext;
  return canBegin(sought.text) ? t.noneBeginsNext : t.noneCanBegin;
}
