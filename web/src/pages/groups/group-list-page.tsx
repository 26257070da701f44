import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer } from '../../api/hooks.ts';
import { pageIn, useParameters } from '../../app/parameters.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { Empty } from '../../ui/empty.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { DataTable, Pager } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { CreateGroupDialog } from './create-group-dialog.tsx';
import { groupKinds, groupTypes, kindOf } from './group-kinds.ts';
import { groupTexts } from './group-texts.ts';

const PAGE_SIZE = 50;

export function GroupListPage() {
  const t = useTexts(groupTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const [parameters, change] = useParameters();
  const [creating, setCreating] = useState(false);
  const kind = groupKinds.find((each) => each === parameters.get('kind'));
  const name = parameters.get('name') ?? '';
  const page = pageIn(parameters);
  const answer = useAnswer(
    'QueryDeviceGroupList',
    {
      CurrentPage: page,
      PageSize: PAGE_SIZE,
      GroupTypes: kind ? [groupTypes[kind]] : Object.values(groupTypes),
      ...(name === '' ? {} : { GroupName: name }),
    },
    { every: 15_000, keepLast: true },
  );
  const create = (may('CreateDeviceGroup') || may('CreateDeviceDynamicGroup')) && (
    <button type="button" className="button main" onClick={() => setCreating(true)}>
      <Icon name="plus" /> {t.create}
    </button>
  );
  const showAll = (
    <button type="button" className="button" onClick={() => change({ kind: '', name: '', page: '' })}>
      {t.showAll}
    </button>
  );
  return (
    <Page title={t.groups} tools={create}>
      <Card>
        <div className="filters">
          <SelectField
            label={t.kind}
            value={kind ?? ''}
            onChange={(to) => change({ kind: to, page: undefined })}
            options={[{ value: '', name: t.anyKind }, ...groupKinds.map((value) => ({ value, name: t.kinds[value] }))]}
          />
          <SearchBox
            label={t.findName}
            hint={t.findHint}
            value={name}
            onSearch={(to) => change({ name: to, page: undefined })}
          />
        </div>
        <DataTable
          label={t.groups}
          rows={answer.data?.Data.GroupInfo}
          keyOf={({ GroupId }) => GroupId}
          error={answer.error}
          onRetry={() => void answer.refetch()}
          stale={answer.isPlaceholderData}
          columns={[
            { name: t.name, cell: ({ GroupId, GroupName }) => <Link href={`/groups/${GroupId}`}>{GroupName}</Link> },
            { name: t.kind, cell: ({ GroupType }) => t.kinds[kindOf(GroupType)] },
            { name: t.description, cell: ({ GroupDesc }) => <span className="wraps">{GroupDesc}</span>, minor: true },
            { name: t.created, cell: ({ UtcCreate }) => <Time at={UtcCreate} />, minor: true },
          ]}
          total={answer.data?.Total}
          empty={
            kind || name !== '' ? (
              <Empty title={t.noneMatch}>{showAll}</Empty>
            ) : (
              <Empty title={t.none}>
                <p>{create ? t.noneNext : t.noneReader}</p>
                {create}
              </Empty>
            )
          }
        />
        {answer.data && (answer.data.Total > PAGE_SIZE || page > 1) && (
          <Pager page={page} pageSize={PAGE_SIZE} total={answer.data.Total} onPage={(to) => change({ page: to })} />
        )}
      </Card>
      {creating && (
        <CreateGroupDialog onClose={() => setCreating(false)} onCreated={(groupId) => navigate(`/groups/${groupId}`)} />
      )}
    </Page>
  );
}
