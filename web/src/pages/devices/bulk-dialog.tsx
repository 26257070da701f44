import { useState } from 'react';
import { callAction } from '../../api/client.ts';
import { useForget, useRefresh } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { each } from '../../lib/each.ts';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Progress } from '../../ui/progress.tsx';
import { deviceTexts } from './device-texts.ts';

export type BulkWay = 'enable' | 'disable' | 'delete';

const actions = { enable: 'EnableThing', disable: 'DisableThing', delete: 'DeleteDevice' } as const;
const ways = ['enable', 'disable', 'delete'] as const;
const PARALLEL = 4;
/** From so many on, the number has to be typed. */
const MANY = 10;
/** Actions whose answers tell of devices. */
export const deviceAnswers = [
  'QueryDevice',
  'QueryDeviceByStatus',
  'QueryDeviceBySQL',
  'BatchQueryDeviceDetail',
  'BatchGetDeviceState',
  'QueryDeviceDetail',
  'GetDeviceStatus',
  'QueryProduct',
  'QueryProductList',
] as const;

interface BulkBarProps {
  readonly count: number;
  readonly onClear: () => void;
  readonly onChoose: (way: BulkWay | 'group') => void;
}

/** What can be done with the ticked devices. */
export function BulkBar({ count, onClear, onChoose }: BulkBarProps) {
  const t = useTexts(deviceTexts);
  const formats = useFormats();
  const may = useMay();
  return (
    <div className="row">
      <b role="status">{t.selected(formats.number(count))}</b>
      {may('BatchAddDeviceGroupRelations', 'QueryDeviceGroupList') && (
        <button type="button" className="button" onClick={() => onChoose('group')}>
          {t.toGroup}
        </button>
      )}
      {ways
        .filter((way) => may(actions[way]))
        .map((way) => (
          <button
            key={way}
            type="button"
            className={way === 'delete' ? 'button danger' : 'button'}
            onClick={() => onChoose(way)}
          >
            {t[way]}
          </button>
        ))}
      <button type="button" className="button quiet" onClick={onClear}>
        {t.clear}
      </button>
    </div>
  );
}

interface BulkDialogProps {
  readonly way: BulkWay;
  readonly productKey: string;
  readonly names: readonly string[];
  readonly onClose: () => void;
  /** Told the names of those that failed. */
  readonly onDone: (failed: readonly string[]) => void;
}

/** Asks, then does it to one device after the other and shows how far it is. */
export function BulkDialog({ way, productKey, names, onClose, onDone }: BulkDialogProps) {
  const t = useTexts(deviceTexts);
  const formats = useFormats();
  const say = useNotice();
  const refresh = useRefresh();
  const forget = useForget();
  const [done, setDone] = useState<number>();
  const [failures, setFailures] = useState<ReadonlyMap<string, unknown>>(new Map());
  const stop = useStop();
  // what failed is what remains ticked and is tried again
  const [all] = useState(names);
  const [left, setLeft] = useState(names);

  const submit = async () => {
    const signal = stop();
    setDone(0);
    setFailures(new Map());
    const failed = await each(
      left,
      PARALLEL,
      async (name) => {
        const device = { ProductKey: productKey, DeviceName: name };
        await callAction(actions[way], device);
        if (way === 'delete') forget(device);
        setDone((now = 0) => now + 1);
      },
      signal,
    );
    await refresh(deviceAnswers);
    // the dialog was closed meanwhile
    signal.throwIfAborted();
    onDone([...failed.keys()]);
    setDone(undefined);
    if (failed.size === 0) return say(t.bulkDone(formats.number(all.length)));
    setFailures(failed);
    setLeft([...failed.keys()]);
    // the reason of the first; those of the others are most often the same
    throw failed.values().next().value;
  };
  const count = formats.number(left.length);
  const title = { enable: t.enableTitle, disable: t.disableTitle, delete: t.deleteTitle }[way](count);
  const text = { enable: t.enableText, disable: t.disableText, delete: t.deleteText }[way];
  return (
    <FormDialog
      title={title}
      submit={t[way]}
      onSubmit={submit}
      onClose={onClose}
      danger={way !== 'enable'}
      {...(way === 'delete' && left.length >= MANY ? { retype: String(left.length) } : {})}
    >
      <p>{text}</p>
      <p className="soft small wraps">
        {left.slice(0, MANY).join(', ')}
        {left.length > MANY && ' …'}
      </p>
      {done !== undefined && (
        <Progress text={t.bulkProgress(formats.number(done), count)} done={done} total={left.length} />
      )}
      {failures.size > 0 && <p>{t.bulkFailed(formats.number(failures.size))}</p>}
    </FormDialog>
  );
}
