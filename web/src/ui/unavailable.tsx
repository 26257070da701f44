import { Link } from 'wouter';
import { Refusal } from '../api/client.ts';
import { Empty } from './empty.tsx';
import { ErrorNote } from './error-note.tsx';
import { Loading } from './loading.tsx';

interface UnavailableProps {
  /** Why there is nothing to show; undefined: it is on its way. */
  readonly error: unknown;
  readonly onRetry: () => void;
  /** What is said when the thing does not exist, or no longer. */
  readonly unknown: string;
  /** The list in which the others stand. */
  readonly list: { readonly href: string; readonly name: string };
}

/** Stands in place of a page about one thing while that is not there, for whatever reason. */
export function Unavailable({ error, onRetry, unknown, list }: UnavailableProps) {
  if (!error) return <Loading />;
  if (!(error instanceof Refusal && error.tellsUnknown)) return <ErrorNote error={error} onRetry={onRetry} />;
  return (
    <Empty title={unknown}>
      <Link href={list.href} className="button">
        {list.name}
      </Link>
    </Empty>
  );
}
