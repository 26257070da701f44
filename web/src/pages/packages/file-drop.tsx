import { useId, useState } from 'react';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Icon } from '../../ui/icon.tsx';
import { packagesTexts } from './packages-texts.ts';
import type { PackageFile, PackageUpload } from './use-package-upload.ts';

/** Files are dropped or chosen here, and show how far they are. */
export function FileDrop({
  upload,
  busy,
  problem,
}: {
  readonly upload: PackageUpload;
  readonly busy: boolean;
  readonly problem: string | undefined;
}) {
  const t = useTexts(packagesTexts);
  const id = useId();
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
          if (!busy) upload.add(event.dataTransfer.files);
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
              aria-describedby={`${id}-hint`}
              onChange={(event) => {
                upload.add(event.target.files ?? []);
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
      {problem && <p className="field-error">{problem}</p>}
      <ul className="chosen-files">
        {upload.files.map((file) => (
          <ChosenFile key={file.id} file={file} upload={upload} busy={busy} several={upload.files.length > 1} />
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
          {file.url && <Icon name="check" />} {t.digest} SHA-256 <code>{file.digest}</code>
        </p>
      )}
      {file.error !== undefined && <ErrorNote error={file.error} />}
    </li>
  );
}
