import type { FormEvent } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { useEdited } from '../lib/use-edited.ts';
import { TextField } from './field.tsx';
import { Icon } from './icon.tsx';

const searchTexts = texts({ en: { find: 'Find' }, zh: { find: '查询' } });

interface SearchBoxProps {
  readonly label: string;
  /** What may be entered. */
  readonly hint: string;
  /** What is looked for at present. */
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** A text that is looked for when Enter or the button is pressed. */
export function SearchBox({ label, hint, value, onSearch }: SearchBoxProps) {
  const t = useTexts(searchTexts);
  const [text, setText] = useEdited(value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text.trim());
  };
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <TextField label={label} type="search" value={text} onChange={setText} spellCheck={false} placeholder={hint} />
        <button type="submit" className="button">
          <Icon name="search" /> {t.find}
        </button>
      </form>
    </search>
  );
}
