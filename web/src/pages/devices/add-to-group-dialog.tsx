import { useState } from 'react';
import { Link } from 'wouter';
import { useGroups } from '../../api/groups.ts';
import { useChange } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { MEMBERS_AT_A_TIME, memberAnswers, sayAdded } from '../groups/group-members.ts';
import { groupTexts } from '../groups/group-texts.ts';
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
  const words = useTexts(groupTexts);
  const formats = useFormats();
  const say = useNotice();
  const groups = useGroups('LINK_PLATFORM');
  const add = useChange('BatchAddDeviceGroupRelations', [...memberAnswers, 'QueryDeviceGroupByDevice']);
  const [chosen, setChosen] = useState('');
  const stop = useStop();
  const submit = async () => {
    const closed = stop();
    const counts = { added: 0, already: 0, valid: 0, exceeding: 0 };
    for (let from = 0; from < names.length; from += MEMBERS_AT_A_TIME) {
      closed.throwIfAborted();
      const slice = names.slice(from, from + MEMBERS_AT_A_TIME);
      const answer = await add.mutateAsync({
        GroupId: chosen,
        Device: slice.map((name) => ({ ProductKey: productKey, DeviceName: name })),
      });
      counts.added += answer.SuccessAddedDeviceCount;
      counts.already += answer.AlreadyRelatedGroupDeviceCount;
      counts.valid += answer.ValidDeviceCount;
      counts.exceeding += answer.ExceedTenGroupDeviceCount;
    }
    say(sayAdded(words, formats.number, counts, names.length));
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
