import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { SecretDialog } from '../common/secret-dialog.tsx';
import { ConsumerGroups } from './consumer-groups.tsx';
import { eventsTexts } from './events-texts.ts';
import { useCount, WebhookTypes, webhookStatus } from './webhook-facts.tsx';
import { WebhookForm } from './webhook-form.tsx';

/** Who is told of events. */
export function EventsPage() {
  const t = useTexts(eventsTexts);
  const may = useMay();
  return (
    <Page title={t.title}>
      {may('ListWebhooks') && <Webhooks />}
      {may('QueryConsumerGroupList') && <ConsumerGroups />}
    </Page>
  );
}

function Webhooks() {
  const t = useTexts(eventsTexts);
  const may = useMay();
  const count = useCount();
  const [, navigate] = useLocation();
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<{ readonly WebhookId: string; readonly Secret: string }>();
  const test = useChange('TestWebhook', ['ListWebhooks', 'ListWebhookDeliveries']);
  const answer = useAnswer('ListWebhooks', {}, { every: 15_000 });
  const create = may('CreateWebhook') && (
    <button type="button" className="button main" onClick={() => setCreating(true)}>
      <Icon name="plus" /> {t.create}
    </button>
  );
  return (
    <>
      <Card title={t.webhooks} tools={create}>
        <p className="soft">{t.intro}</p>
        <DataTable
          label={t.webhooks}
          rows={answer.data?.Data.Webhook}
          keyOf={({ WebhookId }) => WebhookId}
          error={answer.error}
          onRetry={() => void answer.refetch()}
          columns={[
            {
              name: t.url,
              cell: ({ WebhookId, Url, Description }) => (
                <span className="roomy">
                  <Link href={`/events/${WebhookId}`}>{Url}</Link>
                  {Description && <span className="field-hint">{Description}</span>}
                </span>
              ),
            },
            { name: t.status, cell: (webhook) => <Status of="webhook" status={webhookStatus(webhook)} /> },
            { name: t.types, cell: (webhook) => <WebhookTypes webhook={webhook} />, minor: true },
            { name: t.waiting, cell: ({ Waiting }) => count(Waiting), numeric: true },
            { name: t.dead, cell: ({ Dead }) => count(Dead), numeric: true },
            { name: t.changed, cell: ({ ModifiedTime }) => <Time at={ModifiedTime} />, minor: true },
          ]}
          empty={
            <Empty title={t.none}>
              <p>{create ? t.noneNext : t.noneReader}</p>
              {create}
            </Empty>
          }
        />
      </Card>
      {creating && <WebhookForm onClose={() => setCreating(false)} onCreated={setMade} />}
      {made && (
        <SecretDialog
          title={t.secret}
          secret={made.Secret}
          done={t.secretKept}
          onClose={() => {
            // an address that is refused, unknown or silent is told of at once, and not with the first event
            if (may('TestWebhook')) test.mutate({ WebhookId: made.WebhookId });
            navigate(`/events/${made.WebhookId}`);
          }}
        >
          <p>{t.secretText}</p>
          {may('TestWebhook') && <p>{t.secretNext}</p>}
        </SecretDialog>
      )}
    </>
  );
}
