import { useState } from 'react';
import { isPassword, isUserName } from '../../../../src/contract/names.ts';
import { useChange } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { CheckField, Choice, TextArea, TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { useRefused } from '../../ui/refused.ts';
import { isJson, kindOfPolicy, type PolicyKind, policyText } from './policies.ts';
import { settingsTexts } from './settings-texts.ts';
import type { User } from './users-card.tsx';

const kinds = ['read', 'rollOut', 'all', 'own', 'none'] as const satisfies PolicyKind[];

const culprits = {
  'iot.access.UserNameExisted': 'name',
  'iot.access.InvalidUserName': 'name',
  'iot.access.InvalidPassword': 'password',
} as const;

interface UserFormProps {
  /** undefined: a new one. */
  readonly user?: User;
  readonly onClose: () => void;
}

/** Name, rights and password of a user: of a new one, or of one that there is. */
export function UserForm({ user, onClose }: UserFormProps) {
  const t = useTexts(settingsTexts);
  const say = useNotice();
  const create = useChange('CreateUser', ['ListUsers']);
  const update = useChange('UpdateUser', ['ListUsers', 'ListAccessKeys']);
  const [name, setName] = useState(user?.UserName ?? '');
  const [kind, setKind] = useState<PolicyKind>(user ? kindOfPolicy(user.Policy) : 'read');
  const [own, setOwn] = useState(user?.Policy || policyText('read'));
  const [password, setPassword] = useState('');
  const [removePassword, setRemovePassword] = useState(false);
  const refused = useRefused(culprits, { name, password });
  const policy = kind === 'none' ? '' : kind === 'own' ? own : policyText(kind);
  const malformed = kind === 'own' && !isJson(own) ? t.notJson : undefined;
  const submit = async () => {
    const given = {
      ...(policy === '' ? {} : { Policy: policy }),
      ...(password === '' || removePassword ? {} : { Password: password }),
    };
    if (!user) {
      await create.mutateAsync({ UserName: name.trim(), ...given });
      say(t.userCreated(name.trim()));
      return;
    }
    await update.mutateAsync({
      UserId: user.UserId,
      ...given,
      ...(name.trim() === user.UserName ? {} : { NewUserName: name.trim() }),
      ...(policy === '' ? { RemovePolicy: true } : {}),
      ...(removePassword ? { RemovePassword: true } : {}),
    });
    say(t.userSaved(name.trim()));
  };
  return (
    <FormDialog
      title={user ? t.editUser(user.UserName) : t.createUser}
      submit={user ? t.save : t.createUser}
      onSubmit={refused.watch(submit)}
      onClose={onClose}
      disabled={malformed !== undefined}
      wide
    >
      <TextField
        label={t.userName}
        hint={t.userNameHint}
        error={refused.at('name')}
        value={name}
        onChange={setName}
        rule={isUserName}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <Choice
        label={t.policy}
        value={kind}
        onChange={(to) => {
          // goes on from what was chosen
          if (to === 'own' && policy !== '') setOwn(policy);
          setKind(to);
        }}
        options={kinds.map((value) => ({ value, ...t.policies[value] }))}
      />
      {kind === 'own' && (
        <TextArea
          label={t.policyDocument}
          hint={t.policyHint}
          error={malformed}
          value={own}
          onChange={setOwn}
          rows={12}
        />
      )}
      {!removePassword && (
        <TextField
          label={user?.HasPassword ? t.newPassword : t.password}
          hint={user?.HasPassword ? t.newPasswordHint : t.passwordHint}
          error={refused.at('password')}
          wrong={password === '' || isPassword(password) ? undefined : t.passwordUnfit}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
        />
      )}
      {user?.HasPassword && (
        <CheckField label={t.removePassword} checked={removePassword} onChange={setRemovePassword} />
      )}
    </FormDialog>
  );
}
