import { useState } from 'react';
import { useSession } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Copyable, CopyButton, Secret } from '../../ui/copy.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Fact, Facts } from '../../ui/page.tsx';
import { type DeviceIdentity, loginOf, messagesOf, serverAddress } from './connect.ts';
import { connectTexts } from './connect-texts.ts';
import { type ProgramKind, programKinds, programOf } from './programs.ts';

/** What a device sends to connect, and programs that do it; hidden until it is asked for. */
export function DeviceConnect({ device }: { readonly device: DeviceIdentity }) {
  const t = useTexts(connectTexts);
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
  const t = useTexts(connectTexts);
  const { devicesAt } = useSession();
  const told = serverAddress(devicesAt, location.hostname);
  const [host, setHost] = useState(told.host);
  const [port, setPort] = useState(String(told.port));
  const [kind, setKind] = useState<ProgramKind>('mqttjs');
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  const program = programOf(kind, device, { host: host.trim(), port: isPort ? Number(port) : told.port });
  const login = loginOf(device);
  return (
    <>
      <Choice
        label={t.program}
        value={kind}
        onChange={setKind}
        options={programKinds.map((value) => ({ value, name: t.programs[value] }))}
      />
      <p className="soft">{t.whatItDoes[kind]}</p>
      <pre className="wrapped">
        <code>{program}</code>
      </pre>
      <div>
        <CopyButton text={program} named />
      </div>
      <div className="filters">
        <TextField label={t.host} value={host} onChange={setHost} spellCheck={false} />
        <TextField label={t.port} value={port} onChange={setPort} error={isPort ? undefined : t.noPort} />
      </div>
      <p className="soft small">{devicesAt?.tls ? t.addressWithTls : t.address}</p>
      <h3>{t.ownProgram}</h3>
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
      <MessageList device={device} />
    </>
  );
}

/** What a device and the server say to each other during an update, for those who write a program of their own. */
export function MessageList({ device }: { readonly device: Omit<DeviceIdentity, 'deviceSecret'> }) {
  const t = useTexts(connectTexts);
  return (
    <ol className="messages">
      {messagesOf(device).map(({ name, topic, payload }) => (
        <li key={name}>
          <p>{t.messages[name]}</p>
          <Copyable text={topic} />
          <pre className="wrapped">
            <code>{payload}</code>
          </pre>
        </li>
      ))}
    </ol>
  );
}
