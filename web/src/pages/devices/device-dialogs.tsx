import { useState } from 'react';
import { isNickname } from '../../../../src/contract/names.ts';
import { callAction } from '../../api/client.ts';
import { useChange, useRefresh } from '../../api/hooks.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { deviceAnswers } from './bulk-dialog.tsx';
import { oneDeviceTexts } from './one-device-texts.ts';

export type DeviceChange = 'enable' | 'disable' | 'reset' | 'delete';

const actions = {
  enable: 'EnableThing',
  disable: 'DisableThing',
  reset: 'ResetThing',
  delete: 'DeleteDevice',
} as const;

interface DeviceDialogProps {
  readonly change: DeviceChange;
  readonly productKey: string;
  readonly name: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Asks whether a change of one device is meant, and does it. */
export function DeviceDialog({ change, productKey, name, onClose, onDeleted }: DeviceDialogProps) {
  const t = useTexts(oneDeviceTexts);
  const say = useNotice();
  const refresh = useRefresh();
  const submit = async () => {
    await callAction(actions[change], { ProductKey: productKey, DeviceName: name });
    say(t.done[change](name));
    // a device that is gone is not asked for again
    if (change === 'delete') onDeleted();
    else await refresh(deviceAnswers);
  };
  return (
    <FormDialog
      title={t.titles[change](name)}
      submit={t[change]}
      onSubmit={submit}
      onClose={onClose}
      danger={change !== 'enable'}
    >
      <p>{t.texts[change]}</p>
    </FormDialog>
  );
}

interface NicknameDialogProps {
  readonly device: { readonly ProductKey: string; readonly DeviceName: string; readonly Nickname: string };
  readonly onClose: () => void;
}

export function NicknameDialog({ device: { ProductKey, DeviceName, Nickname }, onClose }: NicknameDialogProps) {
  const t = useTexts(oneDeviceTexts);
  const update = useChange('BatchUpdateDeviceNickname', deviceAnswers);
  const [nickname, setNickname] = useState(Nickname);
  const submit = () =>
    update.mutateAsync({ DeviceNicknameInfo: [{ ProductKey, DeviceName, Nickname: nickname.trim() }] });
  return (
    <FormDialog title={t.editNickname} submit={t.save} onSubmit={submit} onClose={onClose}>
      <TextField label={t.nickname} hint={t.nicknameHint} value={nickname} onChange={setNickname} rule={isNickname} />
    </FormDialog>
  );
}
