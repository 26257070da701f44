import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer } from '../../api/hooks.ts';
import { useParameters } from '../../app/parameters.ts';
import { useMay, useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { SecretDialog } from '../common/secret-dialog.tsx';
import { CreateKeyDialog, KeyDialog } from './key-dialogs.tsx';
import { settingsTexts } from './settings-texts.ts';

export type Key = AnswerOf<'ListAccessKeys'>['Data']['AccessKey'][number];
export type KeyChange = 'enable' | 'disable' | 'delete';
type Open = { readonly what: 'create' } | { readonly what: KeyChange; readonly key: Key };

const PAGE_SIZE = 50;
/** Of the account itself, not of one of its users. */
const isOwnAndActive = ({ UserId, Status: status }: Key) => !UserId && status === 'Active';

/** The AccessKeys of the account and its users. */
export function KeysCard() {
  const t = useTexts(settingsTexts);
  const may = useMay();
  const { account, user, accessKeyId: current } = useSession();
  const [parameters, change] = useParameters();
  const [open, setOpen] = useState<Open>();
  const [made, setMade] = useState<{ readonly AccessKeyId: string; readonly AccessKeySecret: string }>();
  const page = Math.max(1, Math.trunc(Number(parameters.get('keys'))) || 1);
  const answer = useAnswer(
    'ListAccessKeys',
    { CurrentPage: page, PageSize: PAGE_SIZE },
    { every: 30_000, keepLast: true },
  );
  const close = () => setOpen(undefined);
  // without the other pages nobody knows
  const isLast = (key: Key) =>
    answer.data !== undefined &&
    answer.data.Total <= PAGE_SIZE &&
    answer.data.Data.AccessKey.filter(isOwnAndActive).every(({ AccessKeyId }) => AccessKeyId === key.AccessKeyId) &&
    isOwnAndActive(key);
  const offer = (what: KeyChange, key: Key) => (
    <button type="button" className="button" onClick={() => setOpen({ what, key })}>
      {t[what]}
    </button>
  );
  const columns: Column<Key>[] = [
    {
      name: t.key,
      cell: ({ AccessKeyId }) => (
        <span className="whole">
          <Copyable text={AccessKeyId} />
          {AccessKeyId === current && <span className="field-hint">{t.currentKey}</span>}
        </span>
      ),
    },
    {
      name: t.owner,
      cell: ({ UserId, UserName }) => (UserId ? (UserName ?? UserId) : `${account.name} (${t.theAccount})`),
    },
    {
      name: t.status,
      cell: ({ Status: status, UserStatus }) => (
        <>
          <Status of="key" status={status} />
          {UserStatus === 'Inactive' && <span className="field-hint">{t.ownerDisabled}</span>}
        </>
      ),
    },
    {
      name: t.created,
      cell: ({ CreateTime }) => (
        <span className="whole">
          <Time at={CreateTime} />
        </span>
      ),
      minor: true,
    },
  ];
  if (may('UpdateAccessKey') || may('DeleteAccessKey'))
    columns.push({
      name: t.actions,
      // the keys of the account itself are its own affair
      cell: (key) =>
        user && !key.UserId ? null : (
          <div className="row whole">
            {may('UpdateAccessKey') && offer(key.Status === 'Active' ? 'disable' : 'enable', key)}
            {may('DeleteAccessKey') && offer('delete', key)}
          </div>
        ),
    });
  return (
    <Card
      title={t.keys}
      tools={
        may('CreateAccessKey') && (
          <button type="button" className="button" onClick={() => setOpen({ what: 'create' })}>
            <Icon name="plus" /> {t.createKey}
          </button>
        )
      }
    >
      <p className="soft">{t.keysHint}</p>
      <DataTable
        label={t.keys}
        rows={answer.data?.Data.AccessKey}
        keyOf={({ AccessKeyId }) => AccessKeyId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        columns={columns}
        total={answer.data?.Total}
        empty={<Empty title={t.noKeys} />}
      />
      {answer.data && (answer.data.Total > PAGE_SIZE || page > 1) && (
        <Pager page={page} pageSize={PAGE_SIZE} total={answer.data.Total} onPage={(to) => change({ keys: to })} />
      )}
      {open?.what === 'create' && <CreateKeyDialog onClose={close} onCreated={setMade} />}
      {open && open.what !== 'create' && (
        <KeyDialog change={open.what} accessKey={open.key} last={isLast(open.key)} onClose={close} />
      )}
      {made && (
        <SecretDialog
          title={t.keySecret}
          secret={made.AccessKeySecret}
          done={t.secretKept}
          onClose={() => setMade(undefined)}
        >
          <p>{t.keySecretText}</p>
          <div>
            <Copyable text={made.AccessKeyId} />
          </div>
        </SecretDialog>
      )}
    </Card>
  );
}
