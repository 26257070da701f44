import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useServerWords, useTexts } from '../../i18n/language.tsx';
import { CursorPager } from '../../ui/cursor-pager.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card } from '../../ui/page.tsx';
import { Status, statusTexts } from '../../ui/status.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { eventsTexts } from './events-texts.ts';
import { ReplayDialog } from './replay-dialog.tsx';
import type { Webhook } from './webhook-form.tsx';

type Delivery = AnswerOf<'ListWebhookDeliveries'>['Data']['Delivery'][number];

const PAGE_SIZE = 50;
const states = ['WAITING', 'DELIVERED', 'DEAD'] as const;

/** What a webhook was sent, is to be sent, and could not be sent. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(eventsTexts);
  const words = useTexts(statusTexts).delivery;
  const may = useMay();
  const say = useNotice();
  const formats = useFormats();
  const server = useServerWords();
  const [parameters, change] = useParameters();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [replayingAll, setReplayingAll] = useState(false);
  const state = states.find((each) => each === parameters.get('state'));
  const token = parameters.get('after') ?? '';
  const { WebhookId } = webhook;
  const answer = useAnswer(
    'ListWebhookDeliveries',
    {
      WebhookId,
      PageSize: PAGE_SIZE,
      ...(state ? { State: state } : {}),
      ...(token === '' ? {} : { NextToken: token }),
    },
    { every: 2_000, keepLast: true },
  );
  const replay = useChange('ReplayWebhookDeliveries', ['ListWebhookDeliveries', 'ListWebhooks']);
  const mayReplay = may('ReplayWebhookDeliveries');
  const replayThese = (ids: readonly string[]) =>
    replay.mutate(
      { WebhookId, EventIds: [...ids] },
      {
        onSuccess: ({ Data }) => {
          say(t.replayed(formats.number(Data.Replayed)));
          setTicked(new Set());
        },
      },
    );
  const goTo = (to: Parameters<typeof change>[0]) => {
    setTicked(new Set());
    change(to);
  };
  const columns: Column<Delivery>[] = [
    {
      name: t.event,
      cell: ({ Type, Topic }) => (
        <code className="whole" title={Topic}>
          {Type}
        </code>
      ),
    },
    { name: t.state, cell: ({ State }) => <Status of="delivery" status={State} /> },
    {
      name: t.answer,
      cell: ({ Note, NextTime }) => (
        <span className="roomy" title={Note}>
          {server.sentence(Note) || t.notYet}
          {NextTime && (
            <span className="field-hint">
              {t.next} <Time at={NextTime} />
            </span>
          )}
        </span>
      ),
    },
    { name: t.attempts, cell: ({ Attempts }) => formats.number(Attempts), numeric: true, minor: true },
    { name: t.happened, cell: ({ EventTime }) => <Time at={EventTime} /> },
    { name: t.noted, cell: ({ ModifiedTime }) => <Time at={ModifiedTime} />, minor: true },
  ];
  if (mayReplay)
    columns.push({
      name: t.replay,
      cell: ({ EventId }) => (
        <button
          type="button"
          className="icon-button small"
          aria-label={t.replayOne(EventId)}
          title={t.replay}
          disabled={replay.isPending}
          onClick={() => replayThese([EventId])}
        >
          <Icon name="refresh" />
        </button>
      ),
    });
  return (
    <Card
      title={t.deliveries}
      tools={
        mayReplay && (
          <>
            <button
              type="button"
              className="button"
              disabled={ticked.size === 0 || replay.isPending}
              onClick={() => replayThese([...ticked])}
            >
              {t.replaySelected(formats.number(ticked.size))}
            </button>
            <button type="button" className="button" onClick={() => setReplayingAll(true)}>
              {t.replayAll}
            </button>
          </>
        )
      }
    >
      <div className="filters">
        <SelectField
          label={t.state}
          value={state ?? ''}
          onChange={(to) => goTo({ state: to, after: undefined })}
          options={[{ value: '', name: t.anyState }, ...states.map((value) => ({ value, name: words[value] }))]}
        />
      </div>
      {replay.error && <ErrorNote error={replay.error} />}
      <DataTable
        label={t.deliveries}
        rows={answer.data?.Data.Delivery}
        keyOf={({ EventId }) => EventId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        columns={columns}
        selection={
          mayReplay
            ? { keys: ticked, onChange: setTicked, nameOf: ({ Type, EventId }) => `${Type} ${EventId}` }
            : undefined
        }
        empty={
          state || token !== '' ? (
            <Empty title={t.noneInState}>
              <button type="button" className="button" onClick={() => goTo({ state: '', after: '' })}>
                {t.showAll}
              </button>
            </Empty>
          ) : (
            <Empty title={t.noDeliveries}>
              <p>{t.noDeliveriesNext}</p>
            </Empty>
          )
        }
      />
      {answer.data && <CursorPager token={token} next={answer.data.NextToken} onToken={(to) => goTo({ after: to })} />}
      {replayingAll && <ReplayDialog webhookId={WebhookId} onClose={() => setReplayingAll(false)} />}
    </Card>
  );
}
