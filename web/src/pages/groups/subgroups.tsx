import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card } from '../../ui/page.tsx';
import { DataTable } from '../../ui/table.tsx';
import { CreateGroupDialog } from './create-group-dialog.tsx';
import { groupTexts } from './group-texts.ts';

/** A group has at most 100 groups in it. */
const MOST = 200;

/** The groups that are directly in a static group. */
export function Subgroups({ groupId }: { readonly groupId: string }) {
  const t = useTexts(groupTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const [creating, setCreating] = useState(false);
  const answer = useAnswer('QueryDeviceGroupList', { SuperGroupId: groupId, CurrentPage: 1, PageSize: MOST });
  return (
    <Card
      title={t.subgroups}
      tools={
        may('CreateDeviceGroup') && (
          <button type="button" className="button" onClick={() => setCreating(true)}>
            <Icon name="plus" /> {t.createWithin}
          </button>
        )
      }
    >
      <DataTable
        label={t.subgroups}
        rows={answer.data?.Data.GroupInfo}
        keyOf={({ GroupId }) => GroupId}
        error={answer.error}
        onRetry={() => void answer.refetch()}
        empty={<p className="soft">{t.noSubgroups}</p>}
        columns={[
          { name: t.name, cell: ({ GroupId, GroupName }) => <Link href={`/groups/${GroupId}`}>{GroupName}</Link> },
          { name: t.description, cell: ({ GroupDesc }) => GroupDesc, minor: true },
        ]}
      />
      {creating && (
        <CreateGroupDialog
          within={groupId}
          onClose={() => setCreating(false)}
          onCreated={(created) => navigate(`/groups/${created}`)}
        />
      )}
    </Card>
  );
}
