import { useAnswer } from '../../../api/hooks.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { SelectField } from '../../../ui/field.tsx';
import { newJobTexts } from './new-job-texts.ts';

interface GroupFieldProps {
  readonly type: 'LINK_PLATFORM' | 'LINK_PLATFORM_DYNAMIC';
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (groupId: string) => void;
}

/** One of the newest 200 groups of a kind. */
export function GroupField({ type, value, error, onChange }: GroupFieldProps) {
  const t = useTexts(newJobTexts);
  const groups = useAnswer('QueryDeviceGroupList', { CurrentPage: 1, PageSize: 200, GroupTypes: [type] });
  const options = groups.data?.Data.GroupInfo ?? [];
  return (
    <>
      <SelectField
        label={t.group}
        value={value}
        error={error}
        hint={groups.data && options.length === 0 ? t.noGroups : undefined}
        onChange={onChange}
        options={[
          { value: '', name: t.chooseGroup },
          ...options.map(({ GroupId, GroupName }) => ({ value: GroupId, name: GroupName })),
        ]}
      />
      {groups.error && <ErrorNote error={groups.error} onRetry={() => void groups.refetch()} />}
    </>
  );
}
