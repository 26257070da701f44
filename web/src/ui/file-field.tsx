import { useState } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { textOf } from '../lib/text-of.ts';
import { Field } from './field.tsx';
import { Icon } from './icon.tsx';

const fileTexts = texts({
  en: { choose: 'Choose a file', unreadable: 'The file cannot be read.' },
  zh: { choose: '选择文件', unreadable: '无法读取该文件。' },
});

interface FileFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  /** Kinds of files that are offered, `.csv,text/csv`. */
  readonly accept: string;
  /** Given what is in the file, and its name. */
  readonly onText: (text: string, name: string) => void;
}

/** Asks for a text file, in the page's words: a browser's own button speaks the browser's language. */
export function FileField({ label, hint, error, accept, onText }: FileFieldProps) {
  const t = useTexts(fileTexts);
  const [isUnreadable, setUnreadable] = useState(false);
  const read = async (file: File) => {
    setUnreadable(false);
    const text = await textOf(file).catch(() => undefined);
    if (text === undefined) setUnreadable(true);
    else onText(text, file.name);
  };
  return (
    <Field label={label} hint={hint} error={isUnreadable ? t.unreadable : error}>
      {(control) => (
        <div className="file-field">
          <input
            {...control}
            type="file"
            className="unseen"
            accept={accept}
            onChange={(event) => {
              const file = event.target.files?.[0];
              // the same file can be chosen again
              event.target.value = '';
              if (file) void read(file);
            }}
          />
          <label htmlFor={control.id} className="button">
            <Icon name="upload" /> {t.choose}
          </label>
        </div>
      )}
    </Field>
  );
}
