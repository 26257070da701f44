import { useState } from 'react';
import { useLocation } from 'wouter';
import { isDeviceName, isNickname } from '../../../../src/contract/names.ts';
import { useChange } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { deviceAnswers } from './bulk-dialog.tsx';
import { registerTexts } from './register-texts.ts';

/** Registers one device and goes to its page. */
export function RegisterOne({ productKey }: { readonly productKey: string }) {
  const t = useTexts(registerTexts);
  const say = useNotice();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [nickname, setNickname] = useState('');
  const register = useChange('RegisterDevice', deviceAnswers);

  const submit = () => {
    const request = {
      ProductKey: productKey,
      ...(name.trim() === '' ? {} : { DeviceName: name.trim() }),
      ...(nickname.trim() === '' ? {} : { Nickname: nickname.trim() }),
    };
    register.mutate(request, {
      onSuccess: ({ Data }) => {
        say(t.doneOne(Data.DeviceName));
        navigate(`/devices/${productKey}/${Data.DeviceName}`);
      },
    });
  };
  return (
    <Form className="form" onSubmit={submit}>
      <TextField
        label={t.name}
        hint={t.nameHint}
        value={name}
        onChange={setName}
        rule={isDeviceName}
        spellCheck={false}
      />
      <TextField label={t.nickname} hint={t.nicknameHint} value={nickname} onChange={setNickname} rule={isNickname} />
      {register.error && <ErrorNote error={register.error} />}
      <div>
        <button type="submit" className="button main" disabled={register.isPending}>
          {t.register}
        </button>
      </div>
    </Form>
  );
}
