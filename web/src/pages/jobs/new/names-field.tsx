import { useEffect, useRef, useState } from 'react';
import { uploadDeviceList } from '../../../api/upload.ts';
import { useMay } from '../../../app/session.tsx';
import { useFormats, useTexts } from '../../../i18n/language.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { FileField } from '../../../ui/file-field.tsx';
import { Progress } from '../../../ui/progress.tsx';
import { DeviceNames } from './device-names.tsx';
import { type NameFile, namesOfFile } from './name-file.ts';
import { newJobTexts } from './new-job-texts.ts';
import type { StepProps } from './step-props.ts';

/** Entries that are shown of those that are no names. */
const SHOWN = 5;

/** Device names, typed or in a file, whose names are uploaded at once. */
export function NamesField(props: StepProps) {
  const { draft, change, faultOf } = props;
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  const may = useMay();
  const [share, setShare] = useState<number>();
  const [error, setError] = useState<unknown>();
  const [empty, setEmpty] = useState<string>();
  const [leftOut, setLeftOut] = useState<Omit<NameFile, 'names'>>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const file = draft.list?.file;

  const upload = async (text: string, name: string) => {
    stop.current.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    setError(undefined);
    setEmpty(undefined);
    setShare(0);
    try {
      const { names, ...others } = namesOfFile(text);
      setLeftOut(others);
      if (names.length === 0) return setEmpty(name);
      const url = await uploadDeviceList(new Blob([names.join('\n')]), setShare, signal);
      change({ list: { url, file: name, count: names.length } });
    } catch (problem) {
      if (!signal.aborted) setError(problem);
    } finally {
      if (!signal.aborted) setShare(undefined);
    }
  };
  return (
    <>
      {file === undefined && (
        <DeviceNames
          {...props}
          label={t.names}
          hint={t.namesHint}
          error={faultOf('names') ?? (draft.list && faultOf('list'))}
          most={Number.POSITIVE_INFINITY}
        />
      )}
      {may('GenerateDeviceNameListURL') && file === undefined && (
        <FileField
          label={t.file}
          hint={t.fileHint}
          error={empty === undefined ? undefined : t.noNamesInFile(empty)}
          accept=".csv,.txt,text/csv,text/plain"
          onText={(text, name) => void upload(text, name)}
        />
      )}
      {share !== undefined && <Progress text={t.uploading(formats.percent(share))} done={share * 100} total={100} />}
      {error !== undefined && <ErrorNote error={error} />}
      {draft.list && file !== undefined && (
        <>
          <div className="row">
            <p role="status">{t.uploaded(file, formats.number(draft.list.count))}</p>
            <button type="button" className="button" onClick={() => change({ list: undefined })}>
              {t.removeFile}
            </button>
          </div>
          {faultOf('list') !== undefined && <p className="field-error">{faultOf('list')}</p>}
        </>
      )}
      {leftOut && <LeftOut {...leftOut} />}
    </>
  );
}

function LeftOut({ repeated, unfit }: Omit<NameFile, 'names'>) {
  const t = useTexts(newJobTexts);
  const formats = useFormats();
  if (repeated === 0 && unfit.length === 0) return null;
  return (
    <div className="note">
      <div>
        {repeated > 0 && <p>{t.repeated(formats.number(repeated))}</p>}
        {unfit.length > 0 && (
          <p>
            {t.unfitNames(formats.number(unfit.length))}{' '}
            <code>
              {unfit.slice(0, SHOWN).join(', ')}
              {unfit.length > SHOWN && ' …'}
            </code>
          </p>
        )}
      </div>
    </div>
  );
}
