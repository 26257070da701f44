import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isDeviceName } from '../../../../src/contract/names.ts';
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
import { knownDevices } from '../devices/known-devices.ts';
import { useAddMembers, useSayAdded } from './group-members.ts';
import { groupTexts } from './group-texts.ts';

/** Puts devices of a product into a static group, by their names. */
export function AddMembersDialog({ groupId, onClose }: { readonly groupId: string; readonly onClose: () => void }) {
  const t = useTexts(groupTexts);
  const formats = useFormats();
  const say = useNotice();
  const products = useProducts();
  const client = useQueryClient();
  const add = useAddMembers();
  const sayAdded = useSayAdded();
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
    const signal = stop();
    setUnknown([]);
    const result = await add({ groupId, productKey, names, signal, onStep: setSent });
    say(sayAdded(result));
    if (result.missing === 0 || !may('BatchQueryDeviceDetail')) return true;
    // the answer counts them and does not name them
    const { unknown: rest } = await client.fetchQuery({ ...knownDevices(productKey, names), staleTime: 0 });
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
