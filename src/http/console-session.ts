import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../domain/accounts.ts';
import { audited } from '../domain/audit.ts';
import {
  type Credentials,
  changeOwnPassword,
  claim,
  claimAgain,
  findSession,
  LONGEST_MS,
  permittedActions,
  signIn,
  signOut,
  useSession,
} from '../domain/console-sessions.ts';
import { codeOf, Failure, fail } from '../domain/failure.ts';
import { type SignInWatch, unwatchedSignIns } from '../domain/sign-in-watch.ts';
import { openTurnstile } from '../lib/turnstile.ts';
import { encodeJson } from '../wire/response.ts';
import { type Answer, contentTypes, refusal } from './answer.ts';
import { header, type RawCall } from './call.ts';
import { asFailure, type RpcDeps } from './rpc.ts';

/** Where devices find their gateway, as the console tells people. */
export interface DevicesAt {
  /** undefined: nobody has said under which name; most likely that of the console. */
  readonly host: string | undefined;
  readonly port: number;
  /** Whether the port takes TLS, too. */
  readonly tls: boolean;
}

export interface SessionDeps extends RpcDeps {
  /** Known once the gateway listens. */
  readonly devicesAt?: DevicesAt | undefined;
  /** Watches over sign-ins; nobody without it. */
  readonly signIns?: SignInWatch;
}

/** A request of the console. */
export interface ConsoleRequest extends RawCall {
  /** Whether it came over TLS, as far as a trusted proxy tells. */
  readonly isSecure: boolean;
}

const COOKIE = 'otaru_session';
const MOST_BYTES = 4_096;

/** The token in the request's cookie. */
export function sessionToken(headers: IncomingHttpHeaders): string | undefined {
  const pairs = (header(headers, 'cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/**
 * Without a path a cookie is for the folder of the address that set it, as the browser knows it: that of the console,
 * whatever prefix a proxy has put in front.
 */
const cookie = (value: string, maxAgeMs: number, isSecure: boolean): string =>
  `${COOKIE}=${value}; Max-Age=${maxAgeMs / 1_000}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;

/**
 * Whether a request that changes something comes from the console's own page: no form and no other page can send the
 * header, unless this server permitted it by CORS, which it never does. Browsers say more about it over TLS.
 */
export const isOwnRequest = (headers: IncomingHttpHeaders): boolean =>
  header(headers, 'x-otaru-console') === '1' && (header(headers, 'sec-fetch-site') ?? 'same-origin') === 'same-origin';

/**
 * Who is signed in: null without a cookie, as on every first visit, which is no fault that a browser has to print; a
 * session that is over is refused.
 */
export const answerSession = (deps: SessionDeps, request: ConsoleRequest): Promise<Answer> =>
  answering(deps, request, async () => {
    const token = sessionToken(request.headers);
    return token === undefined ? { status: 200, contentType: contentTypes.json, body: 'null' } : whoIs(deps, token);
  });

/** Signs in with a key or a password, and answers as {@link answerSession} does. */
export const answerSignIn = (deps: SessionDeps, request: ConsoleRequest): Promise<Answer> =>
  answering(deps, request, async (requestId) => {
    const { signIns = unwatchedSignIns } = deps;
    const credentials = readCredentials(request.body);
    const former = sessionToken(request.headers);
    const claimed = await claim(deps, credentials);
    const token = await signIns.guard(claimed, request.address, () => {
      const record = recordOf(deps, request, { requestId, action: 'SignIn', who: claimed.who });
      return audited(deps, record, (engine) => signIn({ ...deps, engine }, claimed, former));
    });
    return answerNewSession(deps, request, token);
  });

/** Gives who is signed in with a password another one, and answers as {@link answerSignIn} does. */
export const answerNewPassword = (deps: SessionDeps, request: ConsoleRequest): Promise<Answer> =>
  answering(deps, request, async (requestId) => {
    const { signIns = unwatchedSignIns } = deps;
    const former = sessionToken(request.headers) ?? fail('console.notSignedIn');
    const session = await useSession(deps, former);
    const { password, newPassword } = readMembers(request.body);
    if (typeof password !== 'string' || typeof newPassword !== 'string') return unreadable();
    const claimed = await claimAgain(deps, session, password);
    const token = await signIns.guard(claimed, request.address, () => {
      const record = recordOf(deps, request, { requestId, action: 'ChangePassword', who: session.caller });
      return audited(deps, record, (engine) =>
        changeOwnPassword({ ...deps, engine }, claimed, { former, password: newPassword }),
      );
    });
    return answerNewSession(deps, request, token);
  });

/** Signs out; somebody who is not signed in, too. */
export const answerSignOut = (deps: SessionDeps, request: ConsoleRequest): Promise<Answer> =>
  answering(deps, request, async (requestId) => {
    const token = sessionToken(request.headers);
    const session = token === undefined ? undefined : await findSession(deps, token);
    if (token !== undefined && session) {
      const record = recordOf(deps, request, { requestId, action: 'SignOut', who: session.caller });
      await audited(deps, record, (engine) => signOut({ engine }, token));
    }
    const headers = { 'set-cookie': cookie('', 0, request.isSecure) };
    return { status: 200, contentType: contentTypes.json, body: encodeJson({ RequestId: requestId }), headers };
  });

/** The answer to a request that another page has sent. */
export const refuseForeign = (deps: SessionDeps, { headers }: RawCall): Answer =>
  refuse(deps.ids.requestId(), headers, new Failure('console.foreignRequest'));

const refuse = (requestId: string, headers: IncomingHttpHeaders, failure: Failure): Answer =>
  refusal('json', failure, { requestId, action: '', host: header(headers, 'host') ?? '' });

/** What somebody hears who guesses. */
const suspicious: ReadonlySet<string> = new Set([
  'console.signInFailed',
  'console.wrongPassword',
  'console.tooManySignIns',
]);

/** Gives a request its turn, and its failure an answer. */
async function answering(
  deps: SessionDeps,
  request: RawCall,
  work: (requestId: string) => Promise<Answer>,
): Promise<Answer> {
  const requestId = deps.ids.requestId();
  const { address } = request;
  try {
    return await (deps.calls ?? openTurnstile).pass(() => work(requestId), request.body.length);
  } catch (error) {
    const failure = asFailure(deps, error);
    if (failure.key === 'gateway.internal') deps.log.error({ requestId, err: error }, 'a sign-in failed unexpectedly');
    if (suspicious.has(failure.key))
      deps.log.warn({ requestId, address, reason: failure.key }, 'a sign-in was refused');
    return refuse(requestId, request.headers, failure);
  }
}

async function whoIs(deps: SessionDeps, token: string): Promise<Answer> {
  const { caller, account } = await useSession(deps, token);
  const body = JSON.stringify({
    account,
    user: caller.user ?? null,
    accessKeyId: caller.accessKeyId || null,
    permitted: permittedActions(caller),
    devicesAt: deps.devicesAt ?? null,
  });
  return { status: 200, contentType: contentTypes.json, body };
}

async function answerNewSession(deps: SessionDeps, { isSecure }: ConsoleRequest, token: string): Promise<Answer> {
  return { ...(await whoIs(deps, token)), headers: { 'set-cookie': cookie(token, LONGEST_MS, isSecure) } };
}

const unreadable = (): never => fail('gateway.invalidParameter', { Parameter: 'Request' });

/** @throws gateway.requestTooLarge, gateway.invalidParameter */
function readMembers(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length > MOST_BYTES) fail('gateway.requestTooLarge');
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as Record<string, unknown>;
  } catch {
    return unreadable();
  }
}

/** @throws gateway.requestTooLarge, gateway.invalidParameter */
function readCredentials(body: Buffer): Credentials {
  const { accessKeyId, accessKeySecret, userName, password } = readMembers(body);
  if (isName(accessKeyId) && typeof accessKeySecret === 'string') return { accessKeyId, accessKeySecret };
  if (isName(userName) && typeof password === 'string') return { userName, password };
  return unreadable();
}

/** No name has a NUL in it, and PostgreSQL cannot look for one. */
const isName = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

/** A name that belongs to nobody is left out: it may be a secret in the wrong field. */
const recordOf = (
  deps: SessionDeps,
  { address }: RawCall,
  call: {
    readonly requestId: string;
    readonly action: string;
    readonly who: Pick<Caller, 'accountId' | 'accessKeyId' | 'user'> | undefined;
  },
) =>
  ({
    source: 'console',
    requestId: call.requestId,
    accountId: call.who?.accountId ?? '',
    userId: call.who?.user?.id ?? '',
    userName: call.who?.user?.name ?? '',
    accessKeyId: call.who?.accessKeyId ?? '',
    address,
    action: call.action,
    target: {},
    resultOf: (error: unknown) => codeOf(asFailure(deps, error)),
  }) as const;
