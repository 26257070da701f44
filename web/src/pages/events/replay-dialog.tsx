import { useState } from 'react';
import { callAction } from '../../api/client.ts';
import { useRefresh } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { CheckField, TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { eventsTexts } from './events-texts.ts';

interface ReplayDialogProps {
  readonly webhookId: string;
  readonly onClose: () => void;
}

/** Sends everything again that was given up, however much it is. */
export function ReplayDialog({ webhookId, onClose }: ReplayDialogProps) {
  const t = useTexts(eventsTexts);
  const say = useNotice();
  const formats = useFormats();
  const refresh = useRefresh();
  const [before, setBefore] = useState('');
  const [delivered, setDelivered] = useState(false);
  const submit = async () => {
    let until = before === '' ? undefined : new Date(before).getTime();
    let total = 0;
    try {
      for (let more = true; more; ) {
        const { Data } = await callAction('ReplayWebhookDeliveries', {
          WebhookId: webhookId,
          Delivered: delivered,
          ...(until === undefined ? {} : { Before: until }),
        });
        total += Data.Replayed;
        // what the first call sends again must not be met by the next one
        until = Data.Before;
        more = Data.HasMore;
      }
    } finally {
      await refresh(['ListWebhookDeliveries', 'ListWebhooks']);
    }
    say(t.replayed(formats.number(total)));
  };
  return (
    <FormDialog title={t.replayTitle} submit={t.replay} onSubmit={submit} onClose={onClose}>
      <p>{t.replayText}</p>
      <TextField
        label={t.replayBefore}
        hint={t.replayBeforeHint}
        type="datetime-local"
        value={before}
        onChange={setBefore}
      />
      <CheckField label={t.replayDelivered} hint={t.replayDeliveredHint} checked={delivered} onChange={setDelivered} />
    </FormDialog>
  );
}
