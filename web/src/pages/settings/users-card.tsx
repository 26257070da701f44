import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { useParameters } from '../../app/parameters.ts';
import { useMay, useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, DataTable, Pager } from '../../ui/table.tsx';
import { kindOfPolicy } from './policies.ts';
import { settingsTexts } from './settings-texts.ts';
import { UserForm } from './user-form.tsx';

export type User = AnswerOf<'ListUsers'>['Data']['User'][number];
type Open = { readonly what: 'create' } | { readonly what: 'edit' | 'switch' | 'delete'; readonly user: User };

const PAGE_SIZE = 50;

/** The users of the account. */
export function UsersCard() {
  const t = useTexts(settingsTexts);
  const may = useMay();
  const self = useSession().user?.id;
  const [parameters, change] = useParameters();
  const [open, setOpen] = useState<Open>();
  const page = Math.max(1, Math.trunc(Number(parameters.get('users'))) || 1);
  const answer = useAnswer('ListUsers', { CurrentPage: page, PageSize: PAGE_SIZE }, { every: 30_000, keepLast: true });
  const close = () => setOpen(undefined);
  const create = may('CreateUser') && (
    <button type="button" className="button main" onClick={() => setOpen({ what: 'create' })}>
      <Icon name="plus" /> {t.createUser}
    </button>
  );
  const columns: Column<User>[] = [
    {
      name: t.userName,
      cell: ({ UserName, UserId }) => (
        <>
          <span className="wraps">{UserName}</span>
          <span className="minor">
            <code className="field-hint whole" title={t.userId}>
              {UserId}
            </code>
          </span>
        </>
      ),
    },
    { name: t.policy, cell: ({ Policy }) => <span className="whole">{t.policies[kindOfPolicy(Policy)].name}</span> },
    { name: t.status, cell: ({ Status: status }) => <Status of="key" status={status} /> },
    { name: t.password, cell: ({ HasPassword }) => (HasPassword ? t.hasPassword : t.noPassword), minor: true },
  ];
  if (may('UpdateUser') || may('DeleteUser'))
    columns.push({
      name: t.actions,
      cell: (user) => (
        <div className="row whole">
          {may('UpdateUser') && (
            <button type="button" className="button" onClick={() => setOpen({ what: 'edit', user })}>
              {t.edit}
            </button>
          )}
          {may('UpdateUser') && user.UserId !== self && (
            <button type="button" className="button" onClick={() => setOpen({ what: 'switch', user })}>
              {user.Status === 'Active' ? t.disable : t.enable}
            </button>
          )}
          {may('DeleteUser') && user.UserId !== self && (
            <button type="button" className="button" onClick={() => setOpen({ what: 'delete', user })}>
              {t.delete}
            </button>
          )}
        </div>
      ),
    });
  return (
    <Card title={t.users} tools={create}>
      <p className="soft">{t.usersHint}</p>
      <DataTable
        label={t.users}
        rows={answer.data?.Data.User}
        keyOf={({ UserId }) => UserId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        columns={columns}
        total={answer.data?.Total}
        empty={<Empty title={t.noUsers}>{create && <p>{t.noUsersNext}</p>}</Empty>}
      />
      {answer.data && (answer.data.Total > PAGE_SIZE || page > 1) && (
        <Pager page={page} pageSize={PAGE_SIZE} total={answer.data.Total} onPage={(to) => change({ users: to })} />
      )}
      {open?.what === 'create' && <UserForm onClose={close} />}
      {open?.what === 'edit' && <UserForm user={open.user} onClose={close} />}
      {open?.what === 'switch' && <SwitchUserDialog user={open.user} onClose={close} />}
      {open?.what === 'delete' && <DeleteUserDialog user={open.user} onClose={close} />}
    </Card>
  );
}

/** Asks whether a user is to be disabled, or enabled again, and does it. */
function SwitchUserDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const t = useTexts(settingsTexts);
  const say = useNotice();
  const update = useChange('UpdateUser', ['ListUsers', 'ListAccessKeys']);
  const to = user.Status === 'Active' ? 'disable' : 'enable';
  const submit = async () => {
    await update.mutateAsync({ UserId: user.UserId, Status: to === 'enable' ? 'Active' : 'Inactive' });
    say(t.keyDone[to](user.UserName));
  };
  return (
    <FormDialog
      title={t.keyTitles[to](user.UserName)}
      submit={t[to]}
      onSubmit={submit}
      onClose={onClose}
      danger={to === 'disable'}
    >
      <p>{t.userQuestions[to]}</p>
    </FormDialog>
  );
}

function DeleteUserDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const t = useTexts(settingsTexts);
  const say = useNotice();
  const may = useMay();
  const remove = useChange('DeleteUser', ['ListUsers', 'ListAccessKeys']);
  const keys = useAnswer(
    'ListAccessKeys',
    { UserId: user.UserId, CurrentPage: 1, PageSize: 1 },
    { when: may('ListAccessKeys') },
  );
  const submit = async () => {
    await remove.mutateAsync({ UserId: user.UserId });
    say(t.userDeleted(user.UserName));
  };
  return (
    <FormDialog
      title={t.deleteUser(user.UserName)}
      submit={t.delete}
      onSubmit={submit}
      onClose={onClose}
      retype={user.UserName}
      danger
    >
      <p>{t.deleteUserText}</p>
      {keys.data && <p>{t.keysOfUser(keys.data.Total)}</p>}
    </FormDialog>
  );
}
