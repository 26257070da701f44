import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { deviceAnswers } from './bulk-dialog.tsx';
import { isDeviceName, isNickname } from './names.ts';
import { registerTexts } from './register-texts.ts';

/** Registers one device and goes to its page. */
export function RegisterOne({ productKey }: { readonly productKey: string }) {
  const t = useTexts(registerTexts);
  const say = useNotice();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [nickname, setNickname] = useState('');
  const register = useChange('RegisterDevice', deviceAnswers);
  const wrongName = name.trim() !== '' && !isDeviceName(name.trim());
  const wrongNickname = nickname.trim() !== '' && !isNickname(nickname.trim());

  const submit = (event: FormEvent) => {
    event.preventDefault();
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
    <form className="form" onSubmit={submit}>
      <TextField
        label={t.name}
        hint={t.nameHint}
        error={wrongName && name.trim().length >= 4 ? t.problems.name : undefined}
        value={name}
        onChange={setName}
        maxLength={32}
        spellCheck={false}
      />
      <TextField
        label={t.nickname}
        hint={t.nicknameHint}
        error={wrongNickname && nickname.trim().length >= 4 ? t.problems.nickname : undefined}
        value={nickname}
        onChange={setNickname}
        maxLength={64}
      />
      {register.error && <ErrorNote error={register.error} />}
      <div>
        <button type="submit" className="button main" disabled={register.isPending || wrongName || wrongNickname}>
          {t.register}
        </button>
      </div>
    </form>
  );
}
