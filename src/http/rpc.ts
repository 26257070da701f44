import { handlers } from '../actions/index.ts';
import { type Action, type ActionName, API_VERSION, actions } from '../contract/index.ts';
import { type Caller, scopeOfCall } from '../domain/accounts.ts';
import { type AuditedCall, audited, targetOf } from '../domain/audit.ts';
import type { Deps } from '../domain/deps.ts';
import { codeOf, Failure, fail } from '../domain/failure.ts';
import { permits, rightTo } from '../domain/policy.ts';
import type { SharedCounter } from '../domain/shared-counter.ts';
import type { Log } from '../lib/log.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import { openTurnstile, TurnedAway, type Turnstile } from '../lib/turnstile.ts';
import { coerce } from '../wire/parameters.ts';
import type { Tree } from '../wire/response.ts';
import { type Answer, codeFamilyOf, refusal, success } from './answer.ts';
import { authenticate } from './authenticate.ts';
import {
  actionName,
  type Call,
  CallRefused,
  type Format,
  fallbackFormat,
  header,
  type RawCall,
  readCall,
} from './call.ts';
import { checkAnswer } from './check-answer.ts';

export interface RpcDeps extends Deps {
  /** Counts the calls of an account. */
  readonly quota: SharedCounter;
  readonly log: Log;
  readonly meters?: Meters;
  /** Bounds the calls that are under way and wait; none without it. */
  readonly calls?: Turnstile;
  /** Check every answer against the contract; for tests and development. */
  readonly checkAnswers: boolean;
}

const entries: ReadonlyMap<string, Action> = new Map(actions.map((entry) => [entry.name, entry]));

/** How a call comes in, and how it is found out who makes it. */
export interface Entrance {
  /** What the record of the call names. */
  readonly source: AuditedCall['source'];
  /** @throws CallRefused */
  readonly read: (raw: RawCall) => Call;
  /** @throws a gateway failure */
  readonly authenticate: (deps: RpcDeps, call: Call) => Promise<Caller>;
}

/** The API itself: calls carry a signature. */
export const signed: Entrance = { source: 'api', read: readCall, authenticate };

/** The one dispatcher: from an HTTP request to the answer of an action. Never throws. */
export async function answerCall(deps: RpcDeps, raw: RawCall, entrance: Entrance): Promise<Answer> {
  const requestId = deps.ids.requestId();
  const measured = (deps.meters ?? noMeters).call();
  let call: Call | undefined;
  try {
    call = entrance.read(raw);
    const answer = await admit(deps, call, requestId, entrance);
    measured(safeActionName(call) ?? '', 'OK');
    return answer;
  } catch (error) {
    const format: Format = error instanceof CallRefused ? error.format : (call?.format ?? fallbackFormat(raw.headers));
    const failure = asFailure(deps, error);
    if (failure.key === 'gateway.internal') deps.log.error({ requestId, err: error }, 'call failed unexpectedly');
    else if (!(error instanceof Failure || error instanceof TurnedAway))
      deps.log.warn({ requestId, err: error }, 'the database could not do a call');
    const action = (call && safeActionName(call)) ?? '';
    measured(action, codeFamilyOf(failure));
    const answer = refusal(format, failure, { requestId, action, host: header(raw.headers, 'host') ?? '' });
    const retryAfter = failure.details['RetryAfterMs'];
    return retryAfter === undefined ? answer : { ...answer, headers: { 'x-acs-retry-after': retryAfter } };
  }
}

/** What a client is told to wait before it calls again. */
const UNAVAILABLE_RETRY_MS = 1_000;

/** What to tell of an error: a refusal as it is, of everything else no more than whether to try again. */
export function asFailure({ engine }: Pick<Deps, 'engine'>, error: unknown): Failure {
  if (error instanceof Failure) return error;
  // of a refused call that could not be recorded, the refusal did not take effect either
  const cause = error instanceof SuppressedError ? error.error : error;
  return cause instanceof TurnedAway || engine.isUnavailable(cause)
    ? new Failure('gateway.unavailable', { RetryAfterMs: String(UNAVAILABLE_RETRY_MS) })
    : new Failure('gateway.internal');
}

/** A call waits for its turn before anything is done for it. */
function admit(deps: RpcDeps, call: Call, requestId: string, entrance: Entrance): Promise<Answer> {
  const bytes = call.url.length + call.body.length;
  return (deps.calls ?? openTurnstile).pass(() => run(deps, call, requestId, entrance), bytes);
}

/** Finds out who calls what; from here on a call that would change something leaves a record, whatever becomes of it. */
async function run(deps: RpcDeps, call: Call, requestId: string, entrance: Entrance): Promise<Answer> {
  const caller = await entrance.authenticate(deps, call);
  const { action, version } = actionName(call);
  if (version !== API_VERSION) fail('gateway.invalidVersion');
  const entry = entries.get(action) ?? fail('gateway.unknownAction');
  if (entry.changes === false) return perform(deps, call, requestId, { caller, entry });
  const record = {
    source: entrance.source,
    requestId,
    accountId: caller.accountId,
    userId: caller.user?.id ?? '',
    userName: caller.user?.name ?? '',
    accessKeyId: caller.accessKeyId,
    address: call.address,
    action,
    target: targetOf(entry.changes, call.pairs),
    resultOf: (error: unknown) => codeOf(asFailure(deps, error)),
  } as const;
  return audited(deps, record, (engine) => perform({ ...deps, engine }, call, requestId, { caller, entry }));
}

async function perform(
  deps: RpcDeps,
  call: Call,
  requestId: string,
  { caller, entry }: { readonly caller: Caller; readonly entry: Action },
): Promise<Answer> {
  const action = entry.name;
  if (caller.policy && !permits(caller.policy, rightTo(entry), caller.accountId)) fail('common.permissionDenied');
  const waitMs = await deps.quota.take(caller.accountId, action, entry.qps);
  if (waitMs > 0) fail('gateway.throttled', { RetryAfterMs: String(waitMs) });
  const request = coerce(entry.request, call.pairs);
  if (!request.ok) {
    const key = request.problem === 'missing' ? 'gateway.missingParameter' : 'gateway.invalidParameter';
    fail(key, { Parameter: request.parameter });
  }
  const scope = await scopeOfCall(deps.engine.read, caller, request.value['IotInstanceId'] as string | undefined);
  const members = await handlerOf(action)(deps, scope, request.value);
  if (deps.checkAnswers) checkAnswer(entry.response, members);
  return success(call.format, action, requestId, members);
}

/** The one place where the contract's types are set aside: the entry that coerced the request names the handler. */
function handlerOf(name: ActionName) {
  return handlers[name] as unknown as (deps: Deps, scope: object, request: object) => Promise<Tree>;
}

function safeActionName(call: Call): string | undefined {
  try {
    const { action } = actionName(call);
    // the name becomes an XML element; one that is not an operation is refused by the gateway, whose root is fixed
    return entries.has(action) ? action : undefined;
  } catch {
    return undefined;
  }
}
