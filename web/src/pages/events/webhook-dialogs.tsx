import { useState } from 'react';
import { useChange } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { eventsTexts } from './events-texts.ts';
import { useCount } from './webhook-facts.tsx';
import type { Webhook } from './webhook-form.tsx';

interface WebhookDialogProps {
  readonly webhook: Webhook;
  readonly onClose: () => void;
}

export function RotateDialog({
  webhook,
  onClose,
  onRotated,
}: WebhookDialogProps & { readonly onRotated: (secret: string) => void }) {
  const t = useTexts(eventsTexts);
  const rotate = useChange('RotateWebhookSecret', ['ListWebhooks', 'ListQuotas']);
  const [hours, setHours] = useState('24');
  const submit = async () => {
    const answer = await rotate.mutateAsync({ WebhookId: webhook.WebhookId, OldSecretHours: Number(hours) });
    onRotated(answer.Data.Secret);
  };
  return (
    <FormDialog title={t.rotate} submit={t.rotate} onSubmit={submit} onClose={onClose}>
      <p>{t.rotateText}</p>
      <TextField
        label={t.oldHours}
        type="number"
        min={0}
        max={720}
        step={1}
        value={hours}
        onChange={setHours}
        required
      />
    </FormDialog>
  );
}

export function SwitchOffDialog({ webhook, onClose }: WebhookDialogProps) {
  const t = useTexts(eventsTexts);
  const say = useNotice();
  const update = useChange('UpdateWebhook', ['ListWebhooks', 'ListWebhookDeliveries']);
  const submit = async () => {
    await update.mutateAsync({ WebhookId: webhook.WebhookId, Enabled: false });
    say(t.switchedOff);
  };
  return (
    <FormDialog title={t.switchOff} submit={t.switchOff} onSubmit={submit} onClose={onClose} danger>
      <p>{t.switchOffText}</p>
    </FormDialog>
  );
}

export function DeleteDialog({ webhook, onClose, onDeleted }: WebhookDialogProps & { readonly onDeleted: () => void }) {
  const t = useTexts(eventsTexts);
  const say = useNotice();
  const count = useCount();
  const remove = useChange('DeleteWebhook', ['ListWebhooks', 'ListQuotas']);
  const submit = async () => {
    await remove.mutateAsync({ WebhookId: webhook.WebhookId });
    say(t.deleted);
    onDeleted();
  };
  return (
    <FormDialog title={t.deleteTitle} submit={t.delete} onSubmit={submit} onClose={onClose} danger>
      <p className="wraps">{t.deleteText(webhook.Url, count(webhook.Waiting))}</p>
    </FormDialog>
  );
}
