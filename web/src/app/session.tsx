import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { type ActionName, ask, bodyOf, consoleHeader, onSignedOut, refusalOf } from '../api/client.ts';
import { goHome } from './location.ts';
import { forgetTab, keepInTab, readFromTab } from './tab-memory.ts';

/** Who is signed in, as the server tells it. */
export interface Session {
  readonly account: { readonly id: string; readonly name: string };
  /** null: the account itself. */
  readonly user: { readonly id: string; readonly name: string } | null;
  /** null: signed in with a password. */
  readonly accessKeyId: string | null;
  /** Actions that the user's policy permits. */
  readonly permitted: readonly string[];
  /** Where devices connect; a host that nobody has set is most likely that of the page. */
  readonly devicesAt: { readonly host?: string; readonly port: number; readonly tls: boolean } | null;
}

export type Credentials =
  | { readonly accessKeyId: string; readonly accessKeySecret: string }
  | { readonly userName: string; readonly password: string };

type State =
  | { readonly at: 'asking' }
  | { readonly at: 'failed'; readonly error: unknown }
  /** `ended`: the viewer was signed in, and the session is over. */
  | { readonly at: 'out'; readonly ended: boolean }
  | { readonly at: 'in'; readonly session: Session };

interface SessionControl {
  readonly state: State;
  /** @throws Refusal, Unreachable */
  signIn(credentials: Credentials): Promise<void>;
  /** @throws Refusal, Unreachable: the session goes on */
  signOut(): Promise<void>;
  /** Only for who signed in with a password. @throws Refusal, Unreachable */
  changePassword(password: string, newPassword: string): Promise<void>;
  askAgain(): void;
}

/** A server that is away, or has too much to do, is asked again after so long. */
const RETRY_MS = 3_000;
/** An answer that has not come by then is lost: nothing is shown before it. */
const PATIENCE_MS = 20_000;

const SessionContext = createContext<SessionControl | undefined>(undefined);

interface SessionProviderProps {
  /** What was asked before the page was drawn. */
  readonly asked: ReturnType<typeof whoIsIt>;
  readonly children: ReactNode;
}

export function SessionProvider({ asked, children }: SessionProviderProps) {
  const [state, setState] = useState<State>({ at: 'asking' });
  const queries = useQueryClient();

  const take = useCallback((who: typeof asked) => {
    who.then(
      (session) => {
        if (session) welcome(session);
        setState(session ? { at: 'in', session } : { at: 'out', ended: false });
      },
      (error: unknown) => setState({ at: 'failed', error }),
    );
  }, []);
  useEffect(() => take(asked), [take, asked]);
  useEffect(() => {
    if (state.at !== 'failed') return;
    const timer = setTimeout(() => take(whoIsIt()), RETRY_MS);
    return () => clearTimeout(timer);
  }, [state, take]);
  const end = useCallback(() => {
    queries.clear();
    setState((now) => (now.at === 'in' ? { at: 'out', ended: true } : now));
  }, [queries]);
  useEffect(
    // what was asked under the token before this one, as a change of the password leaves it, tells nothing of this one
    () => onSignedOut(() => void whoIsIt().then((session) => session ?? end(), end)),
    [end],
  );
  const isIn = state.at === 'in';
  useEffect(() => {
    if (!isIn) return;
    // meanwhile another tab may have signed out, or somebody else in, and a policy may permit other things
    const look = async () => {
      if (document.visibilityState !== 'visible') return;
      const session = await whoIsIt();
      if (!session) return end();
      if (welcome(session)) return location.reload();
      setState((now) => (now.at === 'in' && !isSame(now.session, session) ? { at: 'in', session } : now));
    };
    // of a server that is away the page tells by itself
    const onVisible = () => void look().catch(() => {});
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, [isIn, end]);

  const control = useMemo<SessionControl>(
    () => ({
      state,
      async signIn(credentials) {
        const session = await sendJson('./session', 'POST', credentials);
        queries.clear();
        welcome(session);
        setState({ at: 'in', session });
      },
      async signOut() {
        const response = await ask('./session', { method: 'DELETE', headers: consoleHeader });
        if (!response.ok && response.status !== 401) throw refusalOf(response, (await bodyOf(response)) ?? {});
        queries.clear();
        forgetTab();
        goHome();
        setState({ at: 'out', ended: false });
      },
      async changePassword(password, newPassword) {
        const session = await sendJson('./password', 'PUT', { password, newPassword });
        setState({ at: 'in', session });
      },
      askAgain() {
        setState({ at: 'asking' });
        take(whoIsIt());
      },
    }),
    [state, queries, take],
  );
  return <SessionContext value={control}>{children}</SessionContext>;
}

export function useSessionControl(): SessionControl {
  const control = useContext(SessionContext);
  if (!control) throw new Error('no SessionProvider above');
  return control;
}

/** The session of pages that only someone who is signed in sees. */
export function useSession(): Session {
  const { state } = useSessionControl();
  if (state.at !== 'in') throw new Error('nobody is signed in');
  return state.session;
}

/** Says which actions to offer; the server refuses the others all the same. */
export function useMay(): (...actions: readonly ActionName[]) => boolean {
  const { permitted } = useSession();
  return useMemo(() => {
    const set = new Set(permitted);
    return (...actions) => actions.every((action) => set.has(action));
  }, [permitted]);
}

/**
 * Somebody else than before is led to the first page, and finds nothing of what the other one left in this tab.
 * @returns whether it is somebody else
 */
function welcome({ account, user }: Session): boolean {
  const now = `${account.id} ${user?.id ?? ''}`;
  const before = readFromTab('viewer');
  const isOther = before !== undefined && before !== now;
  if (isOther) {
    forgetTab();
    goHome();
  }
  keepInTab('viewer', now);
  return isOther;
}

const isSame = (one: Session, other: Session) => JSON.stringify(one) === JSON.stringify(other);

/** @returns undefined when nobody is signed in. @throws Refusal, Unreachable */
export async function whoIsIt(): Promise<Session | undefined> {
  const response = await ask('./session', { signal: AbortSignal.timeout(PATIENCE_MS) });
  // a session that is over; null is nobody at all
  if (response.status === 401) return undefined;
  return (await read<Session | null>(response)) ?? undefined;
}

async function sendJson(address: string, method: 'POST' | 'PUT', members: object): Promise<Session> {
  const headers = { ...consoleHeader, 'content-type': 'application/json' };
  return read(await ask(address, { method, headers, body: JSON.stringify(members) }));
}

async function read<S extends Session | null>(response: Response): Promise<S> {
  const answer = await bodyOf(response);
  if (!response.ok || answer?.['Success'] === false) throw refusalOf(response, answer ?? {});
  return answer as unknown as S;
}
