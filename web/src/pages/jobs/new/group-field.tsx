import { useGroups } from '../../../api/groups.ts';
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

/** One of the groups of a kind. */
export function GroupField({ type, value, error, onChange }: GroupFieldProps) {
  const t = useTexts(newJobTexts);
  const groups = useGroups(type);
  const options = groups.data ?? [];
  const isListed = value === '' || options.some(({ GroupId }) => GroupId === value);
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
          ...(isListed ? [] : [{ value, name: value }]),
        ]}
      />
      {groups.error && <ErrorNote error={groups.error} onRetry={() => void groups.refetch()} />}
    </>
  );
}
