import { useTexts } from '../../../i18n/language.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { culpritOf } from './draft.ts';
import { newJobTexts } from './new-job-texts.ts';

interface RefusedProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  /** Goes to the field that was refused. */
  readonly onAmend: (error: unknown) => void;
}

/** What the server would not have, and the way to where it can be amended. */
export function Refused({ error, onRetry, onAmend }: RefusedProps) {
  const t = useTexts(newJobTexts);
  const culprit = culpritOf(error);
  return (
    <>
      <ErrorNote error={error} onRetry={culprit ? undefined : onRetry} />
      {culprit && (
        <p>
          <button type="button" className="button main" onClick={() => onAmend(error)}>
            {t.amend}
          </button>
        </p>
      )}
    </>
  );
}
