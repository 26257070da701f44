import { useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { serverAddress } from '../devices/connect.ts';
import { MessageList } from '../devices/device-connect.tsx';
import { productTexts } from './product-texts.ts';

/** How devices of a product connect; what only one of them has is on its own page. */
export function ProductConnect({ productKey }: { readonly productKey: string }) {
  const t = useTexts(productTexts);
  const { devicesAt } = useSession();
  const { host, port } = serverAddress(devicesAt, location.hostname);
  return (
    <Card title={t.connect}>
      <p className="soft">{t.connectText}</p>
      <Facts>
        <Fact name={t.connectServer}>
          <Copyable text={`mqtt://${host}:${port}`} />
        </Fact>
        <Fact name={t.connectUser}>
          <code>{`{DeviceName}&${productKey}`}</code>
        </Fact>
        <Fact name={t.connectClient}>
          <code>{`${productKey}.{DeviceName}|securemode=3,signmethod=hmacsha256|`}</code>
        </Fact>
        <Fact name={t.connectPassword}>
          {t.connectFormula}{' '}
          <code>{`clientId${productKey}.{DeviceName}deviceName{DeviceName}productKey${productKey}`}</code>
        </Fact>
      </Facts>
      <details>
        <summary>{t.connectMessages}</summary>
        <MessageList device={{ productKey, deviceName: '{DeviceName}' }} />
      </details>
      <div>
        <p className="soft">{t.tryOut}</p>
        <Copyable
          text={`npm run -s otaru -- simulate --mqtt mqtt://${host}:${port} --product ${productKey} --register 10`}
        />
      </div>
    </Card>
  );
}
