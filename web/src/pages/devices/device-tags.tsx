import { useState } from 'react';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card } from '../../ui/page.tsx';
import { DataTable } from '../../ui/table.tsx';
import { oneDeviceTexts } from './one-device-texts.ts';

interface DevicePart {
  readonly productKey: string;
  readonly name: string;
}

/** The tags of a device, which the API calls properties. */
export function DeviceTags({ productKey, name }: DevicePart) {
  const t = useTexts(oneDeviceTexts);
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const device = { ProductKey: productKey, DeviceName: name };
  const answer = useAnswer('QueryDeviceProp', device, { every: 30_000 });
  const remove = useChange('DeleteDeviceProp', ['QueryDeviceProp', 'QueryDeviceGroupByDevice']);
  const tags = answer.data && Object.entries(JSON.parse(answer.data.Props) as Record<string, unknown>);
  return (
    <Card
      title={t.tags}
      tools={
        may('SaveDeviceProp') && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            <Icon name="plus" /> {t.addTag}
          </button>
        )
      }
    >
      <DataTable
        label={t.tags}
        rows={tags}
        keyOf={([key]) => key}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        empty={<p className="soft">{t.noTags}</p>}
        columns={[
          { name: t.tagKey, cell: ([key]) => <span className="wraps">{key}</span> },
          { name: t.tagValue, cell: ([, value]) => <span className="wraps">{String(value)}</span> },
          ...(may('DeleteDeviceProp')
            ? [
                {
                  name: t.actions,
                  cell: ([key]: [string, unknown]) => (
                    <button
                      type="button"
                      className="icon-button small"
                      aria-label={t.removeTag(key)}
                      title={t.removeTag(key)}
                      onClick={() => remove.mutate({ ...device, PropKey: key })}
                    >
                      <Icon name="cross" />
                    </button>
                  ),
                  numeric: true,
                },
              ]
            : []),
        ]}
      />
      {remove.error && <ErrorNote error={remove.error} />}
      {adding && <AddTagDialog productKey={productKey} name={name} onClose={() => setAdding(false)} />}
    </Card>
  );
}

function AddTagDialog({ productKey, name, onClose }: DevicePart & { readonly onClose: () => void }) {
  const t = useTexts(oneDeviceTexts);
  const save = useChange('SaveDeviceProp', ['QueryDeviceProp', 'QueryDeviceGroupByDevice']);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const submit = () =>
    save.mutateAsync({
      ProductKey: productKey,
      DeviceName: name,
      Props: JSON.stringify({ [key.trim()]: value.trim() }),
    });
  return (
    <FormDialog title={t.addTag} submit={t.addTag} onSubmit={submit} onClose={onClose}>
      <TextField label={t.tagKey} hint={t.addTagHint} value={key} onChange={setKey} spellCheck={false} required />
      <TextField label={t.tagValue} value={value} onChange={setValue} required />
    </FormDialog>
  );
}
