import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { useStop } from '../lib/use-stop.ts';
import { ErrorNote } from './error-note.tsx';
import { Form } from './form.tsx';
import { Icon } from './icon.tsx';

const dialogTexts = texts({
  en: { close: 'Close', cancel: 'Cancel', busy: 'One moment…', type: (word: string) => `Type ${word} to go on` },
  zh: { close: '关闭', cancel: '取消', busy: '请稍候…', type: (word: string) => `请输入 ${word} 以继续` },
});

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** Where the focus begins: the first field, of radio buttons the one that is chosen; without any, the browser's choice. */
const FIRST_FIELD = '.dialog-body :is(input:not([type="radio"]:not(:checked)), select, textarea):not(:disabled)';

/** A window above the page; the browser keeps the focus in it, closes it with Escape and gives the focus back. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const t = useTexts(dialogTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // before it is taken out of the page: the focus is given back by closing it, not by taking it out
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="icon-button" aria-label={t.close} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

interface FormDialogProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly submit: string;
  /**
   * Does it; its refusal is shown in the dialog. Closes the dialog when it resolves, if it was not closed before and
   * unless with false: something is left to be seen.
   */
  readonly onSubmit: () => Promise<unknown>;
  readonly onClose: () => void;
  /** What the button that closes it says, where `Cancel` could be taken for what the dialog does. */
  readonly dismiss?: string;
  /** What cannot be undone has a red button. */
  readonly danger?: boolean;
  /** A word that has to be typed before the button can be pressed, for what hits many devices. */
  readonly retype?: string;
  readonly disabled?: boolean;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** Asks for what an action needs, or whether it is really meant. */
export function FormDialog({
  title,
  submit,
  onSubmit,
  onClose,
  dismiss,
  danger = false,
  retype,
  disabled = false,
  wide = false,
  children,
}: FormDialogProps) {
  const t = useTexts(dialogTexts);
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [typed, setTyped] = useState('');
  const stop = useStop();
  const button = useRef<HTMLButtonElement>(null);
  const send = async () => {
    const closed = stop();
    setBusy(true);
    setError(undefined);
    try {
      const left = (await onSubmit()) === false;
      // by now another dialog may stand in its place
      if (!closed.aborted && !left) onClose();
      if (!left) return;
      flushSync(() => setBusy(false));
      button.current?.form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    } catch (problem) {
      flushSync(() => {
        setError(problem);
        setBusy(false);
      });
      // a button that was disabled meanwhile has lost it
      button.current?.focus();
    }
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <Form onSubmit={() => void send()}>
        <div className="dialog-body">
          {children}
          {retype !== undefined && (
            <div className="field">
              <label htmlFor={id}>{t.type(retype)}</label>
              <input id={id} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
            </div>
          )}
          {error !== undefined && <ErrorNote error={error} />}
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            {dismiss ?? t.cancel}
          </button>
          <button
            ref={button}
            type="submit"
            className={danger ? 'button danger' : 'button main'}
            disabled={busy || disabled || (retype !== undefined && typed !== retype)}
          >
            {busy ? t.busy : submit}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
