import { createContext, type FormEvent, type ReactNode, useContext, useState } from 'react';
import { flushSync } from 'react-dom';

const TriedContext = createContext(false);

/** Whether somebody tried to send the form around this field: what is missing is said from then on. */
export const useTried = (): boolean => useContext(TriedContext);

interface FormProps {
  readonly className?: string;
  /** Called when no field says that it is wrong; otherwise the first one that does gets the focus. */
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** Fields that are sent together. They say themselves what is wrong with them; the browser's own words are not shown. */
export function Form({ className, onSubmit, children }: FormProps) {
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // what is wrong has to stand in the page before it can be looked for
    flushSync(() => setTried(true));
    const wrong = event.currentTarget.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (wrong) wrong.focus();
    else onSubmit();
  };
  return (
    <form className={className} noValidate onSubmit={submit}>
      <TriedContext value={tried}>{children}</TriedContext>
    </form>
  );
}
