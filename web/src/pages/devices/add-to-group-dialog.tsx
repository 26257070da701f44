import { useState } from 'react';
import { Link } from 'wouter';
import { useGroups } from '../../api/groups.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { useAddMembers, useSayAdded } from '../groups/group-members.ts';
import { deviceTexts } from './device-texts.ts';

interface AddToGroupDialogProps {
  readonly productKey: string;
  readonly names: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Puts the ticked devices into a static group. */
export function AddToGroupDialog({ productKey, names, onClose, onDone }: AddToGroupDialogProps) {
  const t = useTexts(deviceTexts);
  const formats = useFormats();
  const say = useNotice();
  const groups = useGroups('LINK_PLATFORM');
  const add = useAddMembers();
  const sayAdded = useSayAdded();
  const [chosen, setChosen] = useState('');
  const stop = useStop();
  const submit = async () => {
    say(sayAdded(await add({ groupId: chosen, productKey, names, signal: stop() })));
    onDone();
  };
  return (
    <FormDialog
      title={t.toGroupTitle(formats.number(names.length))}
      submit={t.toGroup}
      onSubmit={submit}
      onClose={onClose}
      disabled={groups.data?.length === 0}
    >
      {groups.isPending && <Loading />}
      {groups.data?.length === 0 && (
        <p>
          {t.noGroups} <Link href="/groups">{t.toGroups}</Link>
        </p>
      )}
      {groups.data && groups.data.length > 0 && (
        <SelectField
          label={t.group}
          value={chosen}
          onChange={setChosen}
          required
          options={[
            { value: '', name: t.chooseGroup },
            ...groups.data.map(({ GroupId, GroupName }) => ({ value: GroupId, name: GroupName })),
          ]}
        />
      )}
    </FormDialog>
  );
}
