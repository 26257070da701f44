import { useEffect, useRef, useState } from 'react';
import { uploadDeviceList } from '../../../api/upload.ts';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';
import { Progress } from '../../../ui/progress.tsx';
import { newJobTexts } from './new-job-texts.ts';
import type { StepProps } from './step-props.ts';

/** Device names, typed or in a file that is uploaded at once. */
export function NamesField({ draft, change, faultOf }: StepProps) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  const may = useMay();
  const [share, setShare] = useState<number>();
  const [error, setError] = useState<unknown>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const upload = async (file: File) => {
    stop.current.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    setError(undefined);
    setShare(0);
    try {
      const url = await uploadDeviceList(file, setShare, signal);
      change({ list: { url, name: file.name } });
    } catch (problem) {
      if (!signal.aborted) setError(problem);
    } finally {
      setShare(undefined);
    }
  };
  return (
    <>
      {!draft.list && (
        <TextArea
          label={t.names}
          hint={t.namesHint}
          error={faultOf('names')}
          value={draft.names}
          rows={6}
          onChange={(names) => change({ names })}
        />
      )}
      {may('GenerateDeviceNameListURL') && !draft.list && (
        <Field label={t.file} hint={t.fileHint} error={faultOf('list')}>
          {(control) => (
            <input
              {...control}
              type="file"
              accept=".csv,.txt,text/csv,text/plain"
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) void upload(file);
              }}
            />
          )}
        </Field>
      )}
      {share !== undefined && <Progress text={t.uploading(formats.percent(share))} done={share * 100} total={100} />}
      {error !== undefined && <ErrorNote error={error} />}
      {draft.list && (
        <div className="row">
          <p role="status">{t.uploaded(draft.list.name)}</p>
          <button type="button" className="button" onClick={() => change({ list: undefined })}>
            {t.removeFile}
          </button>
          {faultOf('list') !== undefined && <p className="field-error">{faultOf('list')}</p>}
        </div>
      )}
    </>
  );
}
