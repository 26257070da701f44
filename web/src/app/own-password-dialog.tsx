import { useState } from 'react';
import { isPassword } from '../../../src/contract/names.ts';
import { useTexts } from '../i18n/language.tsx';
import { FormDialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { useNotice } from '../ui/notices.tsx';
import { useSession, useSessionControl } from './session.tsx';
import { shellTexts } from './shell-texts.ts';

/** Another password for who is signed in with one. */
export function OwnPasswordDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts(shellTexts);
  const say = useNotice();
  const { changePassword } = useSessionControl();
  const { user } = useSession();
  const [present, setPresent] = useState('');
  const [wanted, setWanted] = useState('');
  const [again, setAgain] = useState('');
  const unfit = wanted === '' || isPassword(wanted) ? undefined : t.passwordUnfit;
  const differs = again !== '' && again !== wanted ? t.passwordsDiffer : undefined;
  const submit = async () => {
    await changePassword(present, wanted);
    say(t.passwordChanged);
  };
  return (
    <FormDialog title={t.changePassword} submit={t.changePassword} onSubmit={submit} onClose={onClose}>
      <p>{t.passwordText}</p>
      {/* what keeps passwords is to know whose they are */}
      <input hidden readOnly autoComplete="username" value={user?.name ?? 'root'} />
      <TextField
        label={t.presentPassword}
        type="password"
        value={present}
        onChange={setPresent}
        autoComplete="current-password"
        required
      />
      <TextField
        label={t.newPassword}
        hint={t.passwordHint}
        wrong={unfit}
        type="password"
        value={wanted}
        onChange={setWanted}
        autoComplete="new-password"
        required
      />
      <TextField
        label={t.newPasswordAgain}
        wrong={differs}
        type="password"
        value={again}
        onChange={setAgain}
        autoComplete="new-password"
        required
      />
    </FormDialog>
  );
}
