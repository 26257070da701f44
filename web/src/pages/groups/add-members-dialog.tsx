import { useState } from 'react';
import { isDeviceName } from '../../../../src/contract/names.ts';
import { callAction } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { useProducts } from '../../api/products.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { namesIn } from '../../lib/names-in.ts';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Progress } from '../../ui/progress.tsx';
import { ProductSelect } from '../common/product-select.tsx';
import { MEMBERS_AT_A_TIME, memberAnswers, sayAdded } from './group-members.ts';
import { groupTexts } from './group-texts.ts';

/** Names that BatchQueryDeviceDetail takes. */
const MOST_DETAILS = 100;

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
  const misnamed = names.filter((name) => !isDeviceName(name));
  const may = useMay();
  const [unknown, setUnknown] = useState<readonly string[]>([]);
  const stop = useStop();
  const submit = async () => {
    const closed = stop();
    setUnknown([]);
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
    const missing = names.length - counts.valid;
    say(sayAdded(t, formats.number, counts, names.length));
    if (missing === 0 || !may('BatchQueryDeviceDetail')) return true;
    // the answer counts them and does not name them
    const known = new Set<string>();
    for (let from = 0; from < names.length; from += MOST_DETAILS) {
      const request = { ProductKey: productKey, DeviceName: names.slice(from, from + MOST_DETAILS) };
      const { Data } = await callAction('BatchQueryDeviceDetail', request, closed);
      for (const { DeviceName } of Data.Data) known.add(DeviceName);
    }
    const rest = names.filter((name) => !known.has(name));
    setSent(undefined);
    setUnknown(rest);
    setText(rest.join('\n'));
    return false;
  };
  return (
    <FormDialog title={t.add} submit={t.add} onSubmit={submit} onClose={onClose}>
      <ProductSelect value={productKey} onChange={setChosen} />
      <TextArea
        label={t.addNames}
        hint={t.addHint}
        wrong={misnamed.length > 0 ? t.misnamed(formats.list(misnamed)) : undefined}
        value={text}
        onChange={setText}
        rows={6}
        required
      />
      {unknown.length > 0 && (
        <p className="note" role="status">
          <span className="wraps">{t.unknownNames(formats.list(unknown))}</span>
        </p>
      )}
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
