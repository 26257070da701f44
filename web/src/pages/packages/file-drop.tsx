import { useId, useState } from 'react';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { useTried } from '../../ui/form.tsx';
import { Icon } from '../../ui/icon.tsx';
import { packagesTexts } from './packages-texts.ts';
import type { PackageFile, PackageUpload } from './use-package-upload.ts';

interface FileDropProps {
  readonly upload: PackageUpload;
  readonly busy: boolean;
  /** What the server would not have. */
  readonly problem: string | undefined;
  readonly onChange: () => void;
}

/** Files are dropped or chosen here, and show how far they are. */
export function FileDrop({ upload, busy, problem: refused, onChange }: FileDropProps) {
  const t = useTexts(packagesTexts);
  const id = useId();
  const tried = useTried();
  const names = upload.files.map(({ name }) => name);
  const empty = upload.files.find(({ file }) => file.size === 0);
  const problem =
    refused ??
    (empty
      ? t.emptyFile(empty.file.name)
      : names.length > new Set(names).size
        ? t.sameNames
        : tried && names.length === 0
          ? t.missingFile
          : undefined);
  const remove = (file: number) => {
    onChange();
    upload.remove(file);
  };
  const add = (files: Iterable<File>) => {
    onChange();
    upload.add(files);
  };
  const [over, setOver] = useState(false);
  return (
    <fieldset className="file-drop-field" disabled={busy}>
      <legend>{t.file}</legend>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way beside the file input within */}
      <div
        className={over ? 'file-drop over' : 'file-drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (!busy) add(event.dataTransfer.files);
        }}
      >
        <Icon name="upload" />
        <span>
          {t.drop}{' '}
          <label className="file-pick">
            {t.pick}
            <input
              type="file"
              multiple
              className="unseen"
              aria-describedby={problem ? `${id}-hint ${id}-error` : `${id}-hint`}
              aria-invalid={problem ? true : undefined}
              onChange={(event) => {
                add(event.target.files ?? []);
                // the same file can be chosen again after it was removed
                event.target.value = '';
              }}
            />
          </label>
        </span>
        <span className="soft small" id={`${id}-hint`}>
          {t.fileHint}
        </span>
      </div>
      {problem && (
        <p className="field-error" id={`${id}-error`}>
          {problem}
        </p>
      )}
      <ul className="chosen-files">
        {upload.files.map((file) => (
          <ChosenFile
            key={file.id}
            file={file}
            upload={{ ...upload, remove }}
            busy={busy}
            several={upload.files.length > 1}
          />
        ))}
      </ul>
    </fieldset>
  );
}

interface ChosenFileProps {
  readonly file: PackageFile;
  readonly upload: PackageUpload;
  readonly busy: boolean;
  readonly several: boolean;
}

function ChosenFile({ file, upload, busy, several }: ChosenFileProps) {
  const t = useTexts(packagesTexts);
  const formats = useFormats();
  const share = file.sent ?? (file.digest === undefined ? file.digested : undefined);
  const stage = file.url ? t.uploaded : file.sent !== undefined ? t.uploading : file.digest ? t.waiting : t.digesting;
  return (
    <li>
      <div className="row">
        <b>{file.file.name}</b>
        <span className="soft">{formats.bytes(file.file.size)}</span>
        <button
          type="button"
          className="icon-button small"
          aria-label={t.remove(file.file.name)}
          disabled={busy}
          onClick={() => upload.remove(file.id)}
        >
          <Icon name="cross" />
        </button>
      </div>
      {several && (
        <label className="row">
          <span className="soft small">{t.fileName}</span>
          <input
            className="short"
            value={file.name}
            maxLength={32}
            required
            onChange={(event) => upload.rename(file.id, event.target.value)}
          />
        </label>
      )}
      {share !== undefined && share < 1 && (
        <div className="row">
          <progress max={1} value={share} aria-label={`${file.file.name}: ${stage}`} />
          <span className="soft small">
            {stage} {formats.percent(share)}
          </span>
        </div>
      )}
      {file.digest && (
        <p className="small soft">
          {file.url && <Icon name="check" />} {t.digest} SHA256 <code>{file.digest}</code>
        </p>
      )}
      {file.error !== undefined && <ErrorNote error={file.error} />}
    </li>
  );
}
