import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useMemo } from 'react';
import { useParameters } from '../../app/parameters.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useEdited } from '../../lib/use-edited.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { settingsTexts } from './settings-texts.ts';

const texts = ['user', 'key', 'action', 'target'] as const;
const times = ['from', 'until'] as const;
type Filter = Record<(typeof texts)[number] | (typeof times)[number] | 'result', string>;

/** What the audit is searched for; it takes effect in the address, with the button or with Enter. */
export function AuditFilters() {
  const t = useTexts(settingsTexts);
  const [parameters, change] = useParameters();
  const operations = useOperations();
  const inForce = useMemo<Filter>(() => {
    const at = (name: string) => parameters.get(name) ?? '';
    return {
      user: at('user'),
      key: at('key'),
      action: at('action'),
      target: at('target'),
      from: at('from'),
      until: at('until'),
      result: at('result'),
    };
  }, [parameters]);
  const [filter, setFilter] = useEdited(inForce);
  const set = (name: keyof Filter) => (value: string) => setFilter({ ...filter, [name]: value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const trimmed = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value.trim()]));
    change({ ...trimmed, after: undefined });
  };
  const clear = () =>
    change({ ...Object.fromEntries(Object.keys(filter).map((name) => [name, undefined])), after: undefined });
  return (
    <search>
      <form className="filters" onSubmit={submit}>
        {texts.map((name) => (
          <TextField
            key={name}
            label={t.filters[name]}
            type="search"
            value={filter[name]}
            onChange={set(name)}
            spellCheck={false}
            choices={name === 'action' ? operations : undefined}
          />
        ))}
        {times.map((name) => (
          <TextField
            key={name}
            label={t.filters[name]}
            type="datetime-local"
            value={filter[name]}
            onChange={set(name)}
          />
        ))}
        <SelectField
          label={t.result}
          value={filter.result}
          onChange={set('result')}
          options={[
            { value: '', name: t.anyResult },
            { value: 'Success', name: t.succeeded },
            { value: 'Refused', name: t.notDone },
          ]}
        />
        <button type="submit" className="button">
          <Icon name="search" /> {t.find}
        </button>
        {Object.values(filter).some((value) => value !== '') && (
          <button type="button" className="button quiet" onClick={clear}>
            {t.clear}
          </button>
        )}
      </form>
    </search>
  );
}

/** The names of the contract are many and come when they are needed. */
function useOperations(): readonly string[] | undefined {
  const { data } = useQuery({
    queryKey: ['recorded operations'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await import('./recorded-operations.ts')).recordedOperations,
  });
  return data;
}
