import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer, useChange, useForget } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { Card, Fact, Facts, Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { Unavailable } from '../../ui/unavailable.tsx';
import { FoundDevices } from './found-devices.tsx';
import { type GroupKind, groupTypes } from './group-kinds.ts';
import { groupTexts } from './group-texts.ts';
import { Members } from './members.tsx';
import { Subgroups } from './subgroups.tsx';

export function GroupPage({ groupId }: { readonly groupId: string }) {
  const t = useTexts(groupTexts);
  const formats = useFormats();
  const may = useMay();
  const [, navigate] = useLocation();
  const forget = useForget();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  // an ID does not tell of which kind the group is, and the API wants to know
  const asStatic = useAnswer(
    'QueryDeviceGroupInfo',
    { GroupId: groupId },
    { every: (found) => (found ? 15_000 : undefined) },
  );
  const asDynamic = useAnswer(
    'QueryDeviceGroupInfo',
    { GroupId: groupId, GroupType: groupTypes.dynamic },
    { every: 15_000, when: asStatic.isError },
  );
  const kind: GroupKind = asStatic.data ? 'static' : 'dynamic';
  const group = (asStatic.data ?? asDynamic.data)?.Data;
  const parent = useAnswer(
    'QuerySuperDeviceGroup',
    { GroupId: groupId },
    { when: asStatic.isSuccess && may('QuerySuperDeviceGroup') },
  );
  const above = [
    { href: '/groups', name: t.groups },
    ...(parent.data?.Data.GroupInfo ?? []).map(({ GroupId, GroupName }) => ({
      href: `/groups/${GroupId}`,
      name: GroupName,
    })),
  ];
  if (!group)
    return (
      <Page title={groupId} above={above}>
        <Unavailable
          error={asDynamic.error}
          onRetry={() => void asStatic.refetch()}
          unknown={t.unknown}
          list={{ href: '/groups', name: t.toGroups }}
        />
      </Page>
    );
  const mayDelete = may(kind === 'static' ? 'DeleteDeviceGroup' : 'DeleteDeviceDynamicGroup');
  return (
    <Page
      title={group.GroupName}
      above={above}
      aside={<span className="soft">{t.kinds[kind]}</span>}
      tools={
        <>
          {may('UpdateDeviceGroup') && (
            <button type="button" className="button" onClick={() => setOpen('edit')}>
              {t.edit}
            </button>
          )}
          {mayDelete && (
            <button type="button" className="button danger" onClick={() => setOpen('delete')}>
              {t.delete}
            </button>
          )}
        </>
      }
    >
      <Card title={t.about}>
        <dl className="figures">
          {(
            [
              [t.all, group.DeviceCount],
              [t.active, group.DeviceActive],
              [t.online, group.DeviceOnline],
            ] as const
          ).map(([name, count]) => (
            <div key={name} className="figure">
              <dt>{name}</dt>
              <dd>{formats.number(count)}</dd>
            </div>
          ))}
        </dl>
        <Facts>
          <Fact name={t.id}>
            <Copyable text={groupId} />
          </Fact>
          <Fact name={t.created}>
            <Time at={group.UtcCreate} />
          </Fact>
          {group.GroupDesc && <Fact name={t.description}>{group.GroupDesc}</Fact>}
          {parent.data?.Data.GroupInfo.map(({ GroupId, GroupName }) => (
            <Fact key={GroupId} name={t.parent}>
              <Link href={`/groups/${GroupId}`}>{GroupName}</Link>
            </Fact>
          ))}
        </Facts>
        {kind === 'dynamic' && (
          <div>
            <h3>{t.rule}</h3>
            <pre className="wrapped">
              <code>{group.DynamicGroupExpression}</code>
            </pre>
          </div>
        )}
      </Card>
      {kind === 'static' && may('QueryDeviceListByDeviceGroup') && <Members groupId={groupId} />}
      {kind === 'static' && <Subgroups groupId={groupId} />}
      {kind === 'dynamic' && may('QueryDynamicGroupDevices') && <FoundDevices groupId={groupId} />}
      {open === 'edit' && (
        <EditGroupDialog
          groupId={groupId}
          kind={kind}
          description={group.GroupDesc}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'delete' && (
        <DeleteGroupDialog
          groupId={groupId}
          kind={kind}
          name={group.GroupName}
          onClose={() => setOpen(undefined)}
          onDeleted={() => {
            navigate('/groups', { replace: true });
            forget({ GroupId: groupId });
          }}
        />
      )}
    </Page>
  );
}

interface GroupDialogProps {
  readonly groupId: string;
  readonly kind: GroupKind;
  readonly onClose: () => void;
}

function EditGroupDialog({ groupId, kind, description, onClose }: GroupDialogProps & { readonly description: string }) {
  const t = useTexts(groupTexts);
  const update = useChange('UpdateDeviceGroup', ['QueryDeviceGroupInfo', 'QueryDeviceGroupList']);
  const [text, setText] = useState(description);
  const submit = () => update.mutateAsync({ GroupId: groupId, GroupDesc: text.trim(), GroupType: groupTypes[kind] });
  return (
    <FormDialog title={t.editTitle} submit={t.save} onSubmit={submit} onClose={onClose}>
      <TextField label={t.description} hint={t.descriptionHint} value={text} onChange={setText} maxLength={100} />
    </FormDialog>
  );
}

function DeleteGroupDialog({
  groupId,
  kind,
  name,
  onClose,
  onDeleted,
}: GroupDialogProps & { readonly name: string; readonly onDeleted: () => void }) {
  const t = useTexts(groupTexts);
  const say = useNotice();
  const remove = useChange(kind === 'static' ? 'DeleteDeviceGroup' : 'DeleteDeviceDynamicGroup', [
    'QueryDeviceGroupList',
  ]);
  const submit = async () => {
    await remove.mutateAsync({ GroupId: groupId });
    say(t.deleted(name));
    onDeleted();
  };
  return (
    <FormDialog title={t.deleteTitle(name)} submit={t.delete} onSubmit={submit} onClose={onClose} danger>
      <p>{t.deleteText}</p>
    </FormDialog>
  );
}
