import { useEffect, useRef, useState } from 'react';
import { Refusal } from '../../api/client.ts';
import { LanguageSwitch } from '../../app/language-switch.tsx';
import { type Credentials, useSessionControl } from '../../app/session.tsx';
import { readSetting, writeSetting } from '../../app/settings.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useTitle } from '../../ui/page.tsx';
import { signInTexts } from './sign-in-texts.ts';

type Way = 'key' | 'password';

export function SignInPage({ ended }: { readonly ended: boolean }) {
  const t = useTexts(signInTexts);
  const { signIn } = useSessionControl();
  const [way, setWay] = useState<Way>(() => (readSetting('signInWith') === 'password' ? 'password' : 'key'));
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const page = useRef<HTMLElement>(null);
  useTitle(t.title);
  useEffect(() => page.current?.querySelector<HTMLElement>('input:not([type="radio"])')?.focus(), []);

  const choose = (chosen: Way) => {
    setWay(chosen);
    setName('');
    setSecret('');
    setError(undefined);
    writeSetting('signInWith', chosen);
  };
  const submit = async () => {
    // the button keeps the focus, and is not disabled for that
    if (busy) return;
    setBusy(true);
    setError(undefined);
    const credentials: Credentials =
      way === 'key'
        ? { accessKeyId: name.trim(), accessKeySecret: secret.trim() }
        : { userName: name.trim(), password: secret };
    try {
      await signIn(credentials);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };

  const refused = error instanceof Refusal && error.code === 'SignInFailed';
  return (
    <main className="sign-in" ref={page}>
      <div className="sign-in-language">
        <LanguageSwitch />
      </div>
      <Form className="card sign-in-card" onSubmit={() => void submit()}>
        <h1>
          <Icon name="otaru" /> {t.title}
        </h1>
        <p className="soft">{t.claim}</p>
        {ended && (
          <p className="note" role="status">
            {t.ended}
          </p>
        )}
        <fieldset className="segments">
          <legend className="unseen">{t.with}</legend>
          {(['key', 'password'] as const).map((each) => (
            <label key={each}>
              <input type="radio" name="way" checked={way === each} onChange={() => choose(each)} />
              <span>{t[each]}</span>
            </label>
          ))}
        </fieldset>
        <TextField
          label={way === 'key' ? t.accessKeyId : t.userName}
          value={name}
          onChange={setName}
          autoComplete="username"
          spellCheck={false}
          required
        />
        <TextField
          label={way === 'key' ? t.accessKeySecret : t.userPassword}
          type="password"
          value={secret}
          onChange={setSecret}
          autoComplete="current-password"
          required
        />
        {error !== undefined && <ErrorNote error={error} says={refused ? t.refused[way] : undefined} />}
        <button type="submit" className="button main wide">
          {busy ? t.submitting : t.submit}
        </button>
        <p className="soft small">
          {way === 'key' ? t.hintKey : t.hintPassword}{' '}
          <code>{way === 'key' ? 'otaru key --help' : 'otaru key password'}</code>
        </p>
      </Form>
    </main>
  );
}
