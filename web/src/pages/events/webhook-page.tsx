import { useState } from 'react';
import { useLocation } from 'wouter';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { SecretDialog } from '../common/secret-dialog.tsx';
import { Deliveries } from './deliveries.tsx';
import { eventsTexts } from './events-texts.ts';
import { DeleteDialog, RotateDialog, SwitchOffDialog } from './webhook-dialogs.tsx';
import { WebhookFacts, webhookStatus } from './webhook-facts.tsx';
import { type Webhook, WebhookForm } from './webhook-form.tsx';

/** One webhook: how it is set, and what became of what it was sent. */
export function WebhookPage({ webhookId }: { readonly webhookId: string }) {
  const t = useTexts(eventsTexts);
  const may = useMay();
  const answer = useAnswer('ListWebhooks', {}, { every: 5_000 });
  const webhook = answer.data?.Data.Webhook.find(({ WebhookId }) => WebhookId === webhookId);
  const above = [{ href: '/events', name: t.title }];
  if (!webhook)
    return (
      <Page title={webhookId} above={above}>
        {answer.isError ? (
          <ErrorNote error={answer.error} onRetry={() => void answer.refetch()} />
        ) : answer.data ? (
          <Empty title={t.gone} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  return (
    <Page
      title={webhook.Description || hostOf(webhook.Url)}
      above={above}
      aside={<Status of="webhook" status={webhookStatus(webhook)} />}
      tools={<WebhookTools webhook={webhook} />}
    >
      <WebhookFacts webhook={webhook} />
      {may('ListWebhookDeliveries') && <Deliveries webhook={webhook} />}
    </Page>
  );
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : url);

function WebhookTools({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(eventsTexts);
  const may = useMay();
  const say = useNotice();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<'edit' | 'rotate' | 'off' | 'delete'>();
  const [secret, setSecret] = useState<string>();
  const switchOn = useChange('UpdateWebhook', ['ListWebhooks', 'ListWebhookDeliveries']);
  const test = useChange('TestWebhook', ['ListWebhooks', 'ListWebhookDeliveries']);
  const close = () => setOpen(undefined);
  const id = { WebhookId: webhook.WebhookId };
  const on = webhook.Status === 'ON';
  const offer = (name: NonNullable<typeof open>, word: string, danger = false) => (
    <button type="button" className={danger ? 'button danger' : 'button'} onClick={() => setOpen(name)}>
      {word}
    </button>
  );
  const error = test.error ?? switchOn.error;
  return (
    <>
      {may('TestWebhook') && on && (
        <button
          type="button"
          className="button main"
          disabled={test.isPending}
          onClick={() => {
            switchOn.reset();
            test.mutate(id, { onSuccess: () => say(t.tested) });
          }}
        >
          {t.test}
        </button>
      )}
      {may('UpdateWebhook') && !on && (
        <button
          type="button"
          className="button main"
          disabled={switchOn.isPending}
          onClick={() => {
            test.reset();
            switchOn.mutate({ ...id, Enabled: true }, { onSuccess: () => say(t.switchedOn) });
          }}
        >
          {t.switchOn}
        </button>
      )}
      {may('UpdateWebhook') && offer('edit', t.edit)}
      {may('RotateWebhookSecret') && offer('rotate', t.rotate)}
      {may('UpdateWebhook') && on && offer('off', t.switchOff)}
      {may('DeleteWebhook') && offer('delete', t.delete, true)}
      {error && <ErrorNote error={error} />}
      {open === 'edit' && <WebhookForm webhook={webhook} onClose={close} />}
      {open === 'rotate' && <RotateDialog webhook={webhook} onClose={close} onRotated={setSecret} />}
      {open === 'off' && <SwitchOffDialog webhook={webhook} onClose={close} />}
      {open === 'delete' && (
        <DeleteDialog webhook={webhook} onClose={close} onDeleted={() => navigate('/events', { replace: true })} />
      )}
      {secret && (
        <SecretDialog title={t.secret} secret={secret} done={t.secretKept} onClose={() => setSecret(undefined)}>
          <p>{t.secretText}</p>
        </SecretDialog>
      )}
    </>
  );
}
