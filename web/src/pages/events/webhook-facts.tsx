import { useProducts } from '../../api/products.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useServerWords, useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { eventsTexts } from './events-texts.ts';
import type { Webhook } from './webhook-form.tsx';

/** The server counts deliveries no further. */
const MOST_COUNTED = 1_000;

/** One that is on and reaches nobody is told apart. */
export const webhookStatus = ({ Status, FailingSince }: Webhook): string =>
  Status === 'ON' && FailingSince ? 'FAILING' : Status;

/** Writes how many wait or were given up. */
export function useCount(): (count: number) => string {
  const t = useTexts(eventsTexts);
  const formats = useFormats();
  return (count) => (count < MOST_COUNTED ? formats.number(count) : t.atLeast(formats.number(count)));
}

export function WebhookTypes({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(eventsTexts);
  const types = webhook.Types.Type;
  if (types.includes('*')) return t.allEvents;
  return <code className="wraps">{types.join(', ')}</code>;
}

function WebhookProducts({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(eventsTexts);
  const { data: products = [] } = useProducts(useMay()('QueryProductList'));
  const keys = webhook.ProductKeys.ProductKey;
  if (keys.length === 0) return t.allProducts;
  return keys.map((key) => products.find(({ ProductKey }) => ProductKey === key)?.ProductName ?? key).join(', ');
}

/** How a webhook is set. */
export function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(eventsTexts);
  const server = useServerWords();
  return (
    <Card title={t.about}>
      <Facts>
        <Fact name={t.url}>
          <Copyable text={webhook.Url} />
        </Fact>
        <Fact name={t.types}>
          <WebhookTypes webhook={webhook} />
        </Fact>
        <Fact name={t.products}>
          <WebhookProducts webhook={webhook} />
        </Fact>
        {webhook.Description && <Fact name={t.description}>{webhook.Description}</Fact>}
        {webhook.OffReason && <Fact name={t.offReason}>{server.sentence(webhook.OffReason)}</Fact>}
        {webhook.FailingSince && (
          <Fact name={t.failingSince}>
            <Time at={webhook.FailingSince} />
          </Fact>
        )}
        {webhook.OldSecretUntil && (
          <Fact name={t.oldSecretUntil}>
            <Time at={webhook.OldSecretUntil} />
          </Fact>
        )}
        <Fact name={t.created}>
          <Time at={webhook.CreateTime} />
        </Fact>
      </Facts>
    </Card>
  );
}
