import { useState } from 'react';
import { useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable, CopyButton, Secret } from '../../ui/copy.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { type DeviceIdentity, loginOf, type SnippetKind, serverAddress, snippetKinds, snippetOf } from './connect.ts';
import { oneDeviceTexts } from './one-device-texts.ts';

/** What a device sends to connect, and programs that do it; hidden until it is asked for. */
export function DeviceConnect({ device }: { readonly device: DeviceIdentity }) {
  const t = useTexts(oneDeviceTexts);
  const [shown, setShown] = useState(false);
  return (
    <Card title={t.connect}>
      <p className="note">
        <Icon name="warning" /> {t.warning}
      </p>
      {shown ? (
        <Instructions device={device} />
      ) : (
        <div>
          <button type="button" className="button" onClick={() => setShown(true)}>
            <Icon name="eye" /> {t.show}
          </button>
        </div>
      )}
    </Card>
  );
}

function Instructions({ device }: { readonly device: DeviceIdentity }) {
  const t = useTexts(oneDeviceTexts);
  const session = useSession();
  const guess = serverAddress(session.host, location.hostname);
  const [host, setHost] = useState(guess.host);
  const [port, setPort] = useState(String(guess.port));
  const [kind, setKind] = useState<SnippetKind>('mosquitto');
  const login = loginOf(device);
  const program = snippetOf(kind, device, { host: host.trim(), port: Number(port) });
  return (
    <>
      <div className="filters">
        <TextField label={t.host} value={host} onChange={setHost} spellCheck={false} />
        <TextField label={t.port} type="number" min={1} max={65_535} value={port} onChange={setPort} />
      </div>
      <p className="soft small">{t.addressHint}</p>
      <Facts>
        <Fact name={t.clientId}>
          <Copyable text={login.clientId} />
        </Fact>
        <Fact name={t.userName}>
          <Copyable text={login.username} />
        </Fact>
        <Fact name={t.password}>
          <Secret text={login.password} />
        </Fact>
      </Facts>
      <Choice
        label={t.program}
        value={kind}
        onChange={setKind}
        options={snippetKinds.map((value) => ({ value, name: t.programs[value] }))}
      />
      <p className="soft">{t.whatItDoes}</p>
      <pre className="wrapped">
        <code>{program}</code>
      </pre>
      <div>
        <CopyButton text={program} named />
      </div>
    </>
  );
}
