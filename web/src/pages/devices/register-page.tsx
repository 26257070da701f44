import { useState } from 'react';
import { useProducts } from '../../api/products.ts';
import { useParameters } from '../../app/parameters.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useLeaveWarning } from '../../lib/use-leave-warning.ts';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Choice } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { NoProducts } from './no-products.tsx';
import { RegisterCount, RegisterList } from './register-many.tsx';
import { RegisterOne } from './register-one.tsx';
import { registerTexts } from './register-texts.ts';
import { RegistrationProgress } from './registration-progress.tsx';
import { useRegistration } from './use-registration.ts';

const ways = ['one', 'list', 'count'] as const;

export function RegisterPage() {
  const t = useTexts(registerTexts);
  const [parameters, change] = useParameters();
  const products = useProducts();
  const productKey = parameters.get('product') ?? products.data?.[0]?.ProductKey ?? '';
  const way = ways.find((each) => each === parameters.get('way')) ?? 'one';
  const registration = useRegistration(productKey);
  const { stage } = registration;
  useLeaveWarning(stage.at === 'checking' || stage.at === 'registering');
  // what was entered is still there when somebody goes back to it
  const [text, setText] = useState('');
  const [file, setFile] = useState('');
  if (productKey === '')
    return (
      <Page title={t.title}>
        {products.isPending && <Loading />}
        {products.error && <ErrorNote error={products.error} onRetry={() => void products.refetch()} />}
        {products.data && <NoProducts />}
      </Page>
    );
  const devices = `/devices?product=${productKey}`;
  return (
    <Page title={t.title} above={[{ href: devices, name: t.devices }]}>
      <Card>
        {stage.at === 'begin' || stage.at === 'failed' ? (
          <>
            <div className="form">
              <ProductSelect value={productKey} onChange={(product) => change({ product })} />
            </div>
            <Choice
              label={t.way}
              value={way}
              onChange={(to) => change({ way: to === 'one' ? undefined : to }, true)}
              options={ways.map((value) => ({ value, name: t.ways[value], hint: t.wayHints[value] }))}
            />
            {way === 'one' ? (
              <RegisterOne key={productKey} productKey={productKey} />
            ) : way === 'list' ? (
              <RegisterList
                registration={registration}
                text={text}
                file={file}
                onList={(list, name = '') => {
                  setText(list);
                  setFile(name);
                }}
              />
            ) : (
              <RegisterCount registration={registration} />
            )}
          </>
        ) : (
          <RegistrationProgress productKey={productKey} registration={registration} />
        )}
      </Card>
    </Page>
  );
}
