import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer, useForget } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable, Secret } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Fact, Facts, Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { Unavailable } from '../../ui/unavailable.tsx';
import { DeviceCounts } from './device-counts.tsx';
import { ModuleCard } from './module-card.tsx';
import { ProductConnect } from './product-connect.tsx';
import { DeleteProductDialog, EditProductDialog } from './product-dialogs.tsx';
import { productTexts } from './product-texts.ts';
import { VersionCard } from './version-card.tsx';

export function ProductPage({ productKey }: { readonly productKey: string }) {
  const t = useTexts(productTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const forget = useForget();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const { data, error, refetch } = useAnswer('QueryProduct', { ProductKey: productKey }, { every: 15_000 });
  const product = data?.Data;
  const above = [{ href: '/products', name: t.products }];
  if (!product)
    return (
      <Page title={productKey} above={above}>
        <Unavailable
          error={error}
          onRetry={() => void refetch()}
          unknown={t.unknown}
          list={{ href: '/products', name: t.toProducts }}
        />
      </Page>
    );

  const tools = (
    <>
      {may('UpdateProduct') && (
        <button type="button" className="button" onClick={() => setOpen('edit')}>
          {t.edit}
        </button>
      )}
      {may('DeleteProduct') && (
        <button type="button" className="button danger" onClick={() => setOpen('delete')}>
          {t.delete}
        </button>
      )}
      {may('RegisterDevice') && (
        <Link href={`/devices/register?product=${productKey}`} className="button main">
          <Icon name="plus" /> {t.register}
        </Link>
      )}
    </>
  );
  return (
    <Page title={product.ProductName} above={above} tools={tools}>
      <Card title={t.about}>
        <Facts>
          <Fact name={t.key}>
            <Copyable text={productKey} />
          </Fact>
          <Fact name={t.secret}>
            <Secret text={product.ProductSecret} />
          </Fact>
          <Fact name={t.type}>{product.NodeType === 1 ? t.types[1] : t.types[0]}</Fact>
          <Fact name={t.created}>
            <Time at={product.GmtCreate} />
          </Fact>
          {product.Description && <Fact name={t.description}>{product.Description}</Fact>}
        </Facts>
        <div className="row">
          <Link href={`/devices?product=${productKey}`} className="button">
            <Icon name="device" /> {t.all}
          </Link>
          {may('ListOTAFirmware') && (
            <Link href={`/packages?product=${productKey}`} className="button">
              <Icon name="package" /> {t.packages}
            </Link>
          )}
          {may('ListOTAJob') && (
            <Link href={`/jobs?product=${productKey}`} className="button">
              <Icon name="job" /> {t.jobs}
            </Link>
          )}
        </div>
      </Card>
      {may('QueryDeviceByStatus') && <DeviceCounts productKey={productKey} />}
      {may('ListOTAVersionDistribution') && <VersionCard productKey={productKey} />}
      {may('ListOTAModuleByProduct') && <ModuleCard productKey={productKey} />}
      <ProductConnect productKey={productKey} />
      {open === 'edit' && <EditProductDialog product={product} onClose={() => setOpen(undefined)} />}
      {open === 'delete' && (
        <DeleteProductDialog
          product={product}
          devices={product.DeviceCount}
          onClose={() => setOpen(undefined)}
          onDeleted={() => {
            navigate('/products', { replace: true });
            forget({ ProductKey: productKey });
          }}
        />
      )}
    </Page>
  );
}
