import { useDeferredValue, useMemo, useState } from 'react';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { CheckField, TextArea, TextField } from '../../ui/field.tsx';
import { FileField } from '../../ui/file-field.tsx';
import { Form } from '../../ui/form.tsx';
import { DataTable } from '../../ui/table.tsx';
import { type Problem, readNameList } from './name-list.ts';
import { registerTexts } from './register-texts.ts';
import type { Registration } from './use-registration.ts';

const SHOWN = 100;
const LARGEST_COUNT = 100_000;

interface RegisterListProps {
  readonly registration: Registration;
  readonly text: string;
  /** Name of the file that the text is from; empty when it was typed. */
  readonly file: string;
  readonly onList: (text: string, file?: string) => void;
}

/** Names typed in or from a file, with what is wrong with them before anything is sent. */
export function RegisterList({ registration, text, file, onList }: RegisterListProps) {
  const t = useTexts(registerTexts);
  const formats = useFormats();
  const [without, setWithout] = useState(false);
  const settledText = useDeferredValue(text);
  const { entries, problems } = useMemo(() => readNameList(settledText), [settledText]);
  const { stage } = registration;
  return (
    <Form className="form wide" onSubmit={() => registration.registerNames(entries)}>
      {file === '' ? (
        <>
          <TextArea label={t.list} hint={t.listHint} rows={8} value={text} onChange={onList} required />
          <FileField label={t.file} hint={t.fileHint} accept=".csv,.txt,text/csv,text/plain" onText={onList} />
        </>
      ) : (
        <div className="row">
          <b className="wraps">{t.fromFile(file)}</b>
          <button type="button" className="button" onClick={() => onList('')}>
            {t.removeFile}
          </button>
        </div>
      )}
      <div role="status">{settledText.trim() !== '' && <p>{t.fit(formats.number(entries.length))}</p>}</div>
      {problems.length > 0 && (
        <>
          <ProblemTable problems={problems} />
          {entries.length > 0 && (
            <CheckField
              label={t.leaveOut}
              wrong={without ? undefined : t.leaveOutFirst}
              checked={without}
              onChange={setWithout}
            />
          )}
        </>
      )}
      {stage.at === 'failed' && <ErrorNote error={stage.error} />}
      <div>
        <button
          type="submit"
          className="button main"
          // that none is left stands above it
          disabled={settledText.trim() !== '' && entries.length === 0}
        >
          {entries.length === 0 ? t.register : t.registerCount(formats.number(entries.length))}
        </button>
      </div>
    </Form>
  );
}

function ProblemTable({ problems }: { readonly problems: readonly Problem[] }) {
  const t = useTexts(registerTexts);
  const formats = useFormats();
  const reasonOf = ({ what, first = 0 }: Problem) =>
    what === 'duplicate' ? t.problems.duplicate(formats.number(first)) : t.problems[what];
  return (
    <div className="note bad">
      <div className="problems">
        <p>{t.unfit(formats.number(problems.length))}</p>
        <DataTable
          label={t.unfit(formats.number(problems.length))}
          rows={problems.slice(0, SHOWN)}
          keyOf={({ line }) => String(line)}
          empty={null}
          columns={[
            { name: t.line, cell: ({ line }) => formats.number(line), numeric: true },
            { name: t.text, cell: ({ text }) => <code>{text}</code> },
            { name: t.reason, cell: reasonOf },
          ]}
        />
        {problems.length > SHOWN && <p>{t.more(formats.number(problems.length - SHOWN))}</p>}
      </div>
    </div>
  );
}

/** Devices whose names the server makes up. */
export function RegisterCount({ registration }: { readonly registration: Registration }) {
  const t = useTexts(registerTexts);
  const [count, setCount] = useState('10');
  const { stage } = registration;
  return (
    <Form className="form" onSubmit={() => registration.registerCount(Number(count))}>
      <TextField
        label={t.count}
        hint={t.countHint}
        type="number"
        min={1}
        max={LARGEST_COUNT}
        step={1}
        required
        value={count}
        onChange={setCount}
      />
      {stage.at === 'failed' && <ErrorNote error={stage.error} />}
      <div>
        <button type="submit" className="button main">
          {t.register}
        </button>
      </div>
    </Form>
  );
}
