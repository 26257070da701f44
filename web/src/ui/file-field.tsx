import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { Field } from './field.tsx';
import { Icon } from './icon.tsx';

const fileTexts = texts({ en: { choose: 'Choose a file' }, zh: { choose: '选择文件' } });

interface FileFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  /** Kinds of files that are offered, `.csv,text/csv`. */
  readonly accept: string;
  readonly onFile: (file: File) => void;
}

/** Asks for a file, in the page's words: a browser's own button speaks the browser's language. */
export function FileField({ label, hint, error, accept, onFile }: FileFieldProps) {
  const t = useTexts(fileTexts);
  return (
    <Field label={label} hint={hint} error={error}>
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
              if (file) onFile(file);
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
