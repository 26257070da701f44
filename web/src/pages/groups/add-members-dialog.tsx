import { useState } from 'react';
import { useChange } from '../../api/hooks.ts';
import { useProducts } from '../../api/products.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { namesIn } from '../../lib/names-in.ts';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Progress } from '../../ui/progress.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { MEMBERS_AT_A_TIME, memberAnswers } from './group-members.ts';
import { groupTexts } from './group-texts.ts';

/** Puts devices of a product into a static group, by their names. */
export function AddMembersDialog({ groupId, onClose }: { readonly groupId: string; readonly onClose: () => void }) {
  const t = useTexts(groupTexts);
  const formats = useFormats();
  const say = useNotice();
  const products = useProducts();
  const add = useChange('BatchAddDeviceGroupRelations', memberAnswers);
  const [chosen, setChosen] = useState('');
  const [text, setText] = useState('');
  const [sent, setSent] = useState<number>();
  const productKey = chosen || (products.data?.[0]?.ProductKey ?? '');
  const names = namesIn(text);
  const stop = useStop();
  const submit = async () => {
    const closed = stop();
    const counts = { added: 0, already: 0, valid: 0, exceeding: 0 };
    for (let from = 0; from < names.length; from += MEMBERS_AT_A_TIME) {
      closed.throwIfAborted();
      setSent(from);
      const slice = names.slice(from, from + MEMBERS_AT_A_TIME);
      const answer = await add.mutateAsync({
        GroupId: groupId,
        Device: slice.map((name) => ({ ProductKey: productKey, DeviceName: name })),
      });
      counts.added += answer.SuccessAddedDeviceCount;
      counts.already += answer.AlreadyRelatedGroupDeviceCount;
      counts.valid += answer.ValidDeviceCount;
      counts.exceeding += answer.ExceedTenGroupDeviceCount;
    }
    const unknown = names.length - counts.valid;
    say(
      [
        t.added(formats.number(counts.added), formats.number(counts.already), formats.number(unknown)),
        ...(counts.exceeding > 0 ? [t.exceeding(formats.number(counts.exceeding))] : []),
      ].join(' '),
    );
  };
  return (
    <FormDialog title={t.add} submit={t.add} onSubmit={submit} onClose={onClose}>
      <ProductSelect value={productKey} onChange={setChosen} />
      <TextArea label={t.addNames} hint={t.addHint} value={text} onChange={setText} rows={6} required />
      {sent !== undefined && (
        <Progress
          text={t.addProgress(formats.number(sent), formats.number(names.length))}
          done={sent}
          total={names.length}
        />
      )}
    </FormDialog>
  );
}
