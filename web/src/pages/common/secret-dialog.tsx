import type { ReactNode } from 'react';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';

interface SecretDialogProps {
  readonly title: string;
  readonly secret: string;
  /** Stands above the secret: what it is for, and that it is shown only now. */
  readonly children: ReactNode;
  /** What the button says that closes it. */
  readonly done: string;
  readonly onClose: () => void;
}

/** Shows a secret the only time that it can be seen. */
export function SecretDialog({ title, secret, children, done, onClose }: SecretDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body">
        {children}
        <div className="row">
          <code className="wraps">{secret}</code>
          <CopyButton text={secret} named />
        </div>
      </div>
      <div className="dialog-foot">
        <button type="button" className="button main" onClick={onClose}>
          {done}
        </button>
      </div>
    </Dialog>
  );
}
