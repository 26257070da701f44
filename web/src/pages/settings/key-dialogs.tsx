import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { callAction } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { useMay, useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import type { Key, KeyChange } from './keys-card.tsx';
import { settingsTexts } from './settings-texts.ts';
import type { User } from './users-card.tsx';

const PAGE_SIZE = 100;

/** All users by name, for a choice among them. */
function useAllUsers(when: boolean): readonly User[] {
  const { data } = useQuery({
    queryKey: ['ListUsers', 'all'],
    enabled: when,
    queryFn: async ({ signal }) => {
      const users: User[] = [];
      for (let page = 1; ; page += 1) {
        const answer = await callAction('ListUsers', { CurrentPage: page, PageSize: PAGE_SIZE }, signal);
        users.push(...answer.Data.User);
        if (page >= answer.PageCount) return users;
      }
    },
  });
  return data ?? [];
}

interface CreateKeyDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (made: { readonly AccessKeyId: string; readonly AccessKeySecret: string }) => void;
}

export function CreateKeyDialog({ onClose, onCreated }: CreateKeyDialogProps) {
  const t = useTexts(settingsTexts);
  const session = useSession();
  const create = useChange('CreateAccessKey', ['ListAccessKeys']);
  const users = useAllUsers(useMay()('ListUsers'));
  const self = session.user ? [{ value: session.user.id, name: session.user.name }] : [];
  const listed = users.map(({ UserId, UserName }) => ({ value: UserId, name: UserName }));
  const [owner, setOwner] = useState(session.user?.id ?? '');
  const submit = async () => onCreated(await create.mutateAsync(owner === '' ? {} : { UserId: owner }));
  return (
    <FormDialog title={t.createKey} submit={t.createKey} onSubmit={submit} onClose={onClose}>
      <SelectField
        label={t.owner}
        hint={owner === '' ? t.accountKeyHint : t.userKeyHint}
        value={owner}
        onChange={setOwner}
        options={[
          // only the account makes keys of its own
          ...(session.user ? [] : [{ value: '', name: `${session.account.name} (${t.theAccount})` }]),
          ...(listed.length > 0 ? listed : self),
        ]}
      />
    </FormDialog>
  );
}

interface KeyDialogProps {
  readonly change: KeyChange;
  readonly accessKey: Key;
  /** No other key of the account itself is active. */
  readonly last: boolean;
  readonly onClose: () => void;
}

/** Asks whether a change of a key is meant, and does it. */
export function KeyDialog({ change, accessKey, last, onClose }: KeyDialogProps) {
  const t = useTexts(settingsTexts);
  const say = useNotice();
  const { accessKeyId: current, user } = useSession();
  // who is signed in as the account without a key is so with its password
  const hasPassword = current === null && user === null;
  const update = useChange('UpdateAccessKey', ['ListAccessKeys']);
  const remove = useChange('DeleteAccessKey', ['ListAccessKeys']);
  const id = { UserAccessKeyId: accessKey.AccessKeyId };
  const submit = async () => {
    if (change === 'delete') await remove.mutateAsync(id);
    else await update.mutateAsync({ ...id, Status: change === 'enable' ? 'Active' : 'Inactive' });
    say(t.keyDone[change](accessKey.AccessKeyId));
  };
  return (
    <FormDialog
      title={t.keyTitles[change](accessKey.AccessKeyId)}
      submit={t[change]}
      onSubmit={submit}
      onClose={onClose}
      danger={change !== 'enable'}
    >
      <p>{t.keyQuestions[change]}</p>
      {change !== 'enable' && accessKey.AccessKeyId === current && <p>{t.currentKeyWarning}</p>}
      {change !== 'enable' && last && <p>{hasPassword ? t.lastKeyPassword : t.lastKey}</p>}
    </FormDialog>
  );
}
