import { useState } from 'react';
import { Link } from 'wouter';
import type { AnswerOf } from '../../api/client.ts';
import { useAnswer, useChange } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { useStop } from '../../lib/use-stop.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { ProductLink } from '../common/product-link.tsx';
import { useDeviceStates } from '../devices/device-states.ts';
import { AddMembersDialog } from './add-members-dialog.tsx';
import { MEMBERS_AT_A_TIME, memberAnswers } from './group-members.ts';
import { groupTexts } from './group-texts.ts';

type Member = AnswerOf<'QueryDeviceListByDeviceGroup'>['Data']['SimpleDeviceInfo'][number];

/** As many as BatchGetDeviceState tells of at a time. */
const PAGE_SIZE = 50;

const keyOf = ({ ProductKey, DeviceName }: Pick<Member, 'ProductKey' | 'DeviceName'>) => `${ProductKey}/${DeviceName}`;

/** The devices of a static group. */
export function Members({ groupId }: { readonly groupId: string }) {
  const t = useTexts(groupTexts);
  const formats = useFormats();
  const may = useMay();
  const [parameters, change] = useParameters();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<'add' | 'remove'>();
  const page = pageIn(parameters);
  const answer = useAnswer(
    'QueryDeviceListByDeviceGroup',
    { GroupId: groupId, CurrentPage: page, PageSize: PAGE_SIZE },
    { every: 15_000, keepLast: true },
  );
  const members = answer.data?.Data.SimpleDeviceInfo;
  const states = useDeviceStates((members ?? []).map(({ IotId }) => IotId));
  const add = may('BatchAddDeviceGroupRelations') && (
    <button type="button" className="button" onClick={() => setOpen('add')}>
      <Icon name="plus" /> {t.add}
    </button>
  );
  return (
    <Card title={t.devices} tools={add}>
      {selected.size > 0 && (
        <div className="row">
          <b role="status">{t.selected(formats.number(selected.size))}</b>
          <button type="button" className="button danger" onClick={() => setOpen('remove')}>
            {t.remove}
          </button>
          <button type="button" className="button quiet" onClick={() => setSelected(new Set())}>
            {t.clear}
          </button>
        </div>
      )}
      <DataTable
        label={t.devices}
        rows={members}
        keyOf={keyOf}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        stale={answer.isPlaceholderData}
        selection={
          may('BatchDeleteDeviceGroupRelations')
            ? { keys: selected, onChange: setSelected, nameOf: ({ DeviceName }) => DeviceName }
            : undefined
        }
        total={answer.data?.Total}
        empty={<Empty title={t.noDevices}>{add && <p>{t.noDevicesNext}</p>}</Empty>}
        columns={[
          {
            name: t.device,
            cell: ({ ProductKey, DeviceName }) => (
              <Link href={`/devices/${ProductKey}/${DeviceName}`} className="wraps">
                {DeviceName}
              </Link>
            ),
          },
          {
            name: t.product,
            cell: ({ ProductKey, ProductName }) => <ProductLink productKey={ProductKey} name={ProductName} />,
            minor: true,
          },
          {
            name: t.status,
            cell: ({ IotId }) => <Status of="device" status={states.get(IotId)?.status ?? '–'} />,
          },
          {
            name: t.lastOnline,
            cell: ({ IotId }) => <Time at={states.get(IotId)?.lastOnline} />,
            minor: true,
          },
        ]}
      />
      {answer.data && answer.data.Total > 0 && (
        <Pager page={page} pageSize={PAGE_SIZE} total={answer.data.Total} onPage={(to) => change({ page: to })} />
      )}
      {open === 'add' && <AddMembersDialog groupId={groupId} onClose={() => setOpen(undefined)} />}
      {open === 'remove' && (
        <RemoveDialog
          groupId={groupId}
          keys={[...selected]}
          onClose={() => setOpen(undefined)}
          onDone={() => setSelected(new Set())}
        />
      )}
    </Card>
  );
}

interface RemoveDialogProps {
  readonly groupId: string;
  readonly keys: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function RemoveDialog({ groupId, keys, onClose, onDone }: RemoveDialogProps) {
  const t = useTexts(groupTexts);
  const formats = useFormats();
  const say = useNotice();
  const remove = useChange('BatchDeleteDeviceGroupRelations', memberAnswers);
  const stop = useStop();
  const submit = async () => {
    const closed = stop();
    let removed = 0;
    for (let from = 0; from < keys.length; from += MEMBERS_AT_A_TIME) {
      closed.throwIfAborted();
      const slice = keys.slice(from, from + MEMBERS_AT_A_TIME).map((key) => {
        const [ProductKey = '', DeviceName = ''] = key.split('/');
        return { ProductKey, DeviceName };
      });
      const { SuccessDeviceCount } = await remove.mutateAsync({ GroupId: groupId, Device: slice });
      removed += SuccessDeviceCount;
    }
    say(t.removed(formats.number(removed)));
    onDone();
  };
  return (
    <FormDialog
      title={t.removeTitle(formats.number(keys.length))}
      submit={t.remove}
      onSubmit={submit}
      onClose={onClose}
      danger
    >
      <p>{t.removeText}</p>
    </FormDialog>
  );
}
