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
  const [since, setSince] = useState('');
  const [before, setBefore] = useState('');
  const [delivered, setDelivered] = useState(false);
  const submit = async () => {
    const from = timeOf(since);
    let until = timeOf(before);
    let total = 0;
    try {
      for (let more = true; more; ) {
        const { Data } = await callAction('ReplayWebhookDeliveries', {
          WebhookId: webhookId,
          Delivered: delivered,
          ...(from === undefined ? {} : { Since: from }),
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
  const isEmpty = since !== '' && before !== '' && since >= before;
  return (
    <FormDialog title={t.replayTitle} submit={t.replay} onSubmit={submit} onClose={onClose}>
      <p>{t.replayText}</p>
      <TextField
        label={t.replaySince}
        hint={t.replaySinceHint}
        type="datetime-local"
        value={since}
        onChange={setSince}
      />
      <TextField
        label={t.replayBefore}
        hint={t.replayBeforeHint}
        wrong={isEmpty ? t.replayNothing : undefined}
        type="datetime-local"
        value={before}
        onChange={setBefore}
      />
      <CheckField label={t.replayDelivered} hint={t.replayDeliveredHint} checked={delivered} onChange={setDelivered} />
    </FormDialog>
  );
}

/** @param text as `<input type="datetime-local">` gives it, in the viewer's zone */
const timeOf = (text: string) => (text === '' ? undefined : new Date(text).getTime());
