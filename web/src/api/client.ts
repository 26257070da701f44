import type { ActionName, RequestOf, ResponseOf } from '../../../src/contract/index.ts';
import { flatten } from './flatten.ts';

export type { ActionName, RequestOf, ResponseOf } from '../../../src/contract/index.ts';
export type AnswerOf<N extends ActionName> = ResponseOf<N> & { readonly RequestId: string };

/** The server said no. */
export class Refusal extends Error {
  /** Code of the API, `iot.ota.JobNotFound`; empty when the answer was none of the API's. */
  readonly code: string;
  readonly requestId: string;
  readonly status: number;

  constructor(status: number, code: string, text: string, requestId: string) {
    super(text);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }

  /** Whether there is nothing, or can be nothing, of the name or ID in the address of a page. */
  get tellsUnknown(): boolean {
    return this.tellsGone || /\.InvalidFormatted\w+$/.test(this.code);
  }

  /** Whether the server has only too much to do, or its database is away: it may answer a moment later. */
  get tellsBusy(): boolean {
    return this.status === 503;
  }

  /** Whether what was asked about is not there, or no longer. */
  get tellsGone(): boolean {
    return /\.(NotExisted\w+|FirmwareNotFound)$/.test(this.code);
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server does not answer', { cause });
    this.name = 'Unreachable';
  }
}

/** Asked for with everything but GET; another site's page cannot send it. */
export const consoleHeader = { 'X-Otaru-Console': '1' };

const THROTTLED_ATTEMPTS = 4;
/** A call that exceeds what the account may call per second: it was not done, and is welcome a moment later. */
const THROTTLED = 'Throttling.User';
const listeners = new Set<() => void>();

/** Tells `listener` when the server no longer knows the session. Returns what ends that. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Calls an action of the API with the rights of the session. A throttled call is repeated when the server says so.
 * @throws Refusal, Unreachable
 */
export async function callAction<N extends ActionName>(
  name: N,
  request: RequestOf<N>,
  signal?: AbortSignal,
): Promise<AnswerOf<N>> {
  const body = new URLSearchParams(flatten(request));
  for (let attempt = 1; ; attempt += 1) {
    const response = await ask(`./api/${name}`, {
      method: 'POST',
      headers: consoleHeader,
      body,
      signal: signal ?? null,
    });
    const answer = (await bodyOf(response)) ?? {};
    if (response.ok && answer['Success'] !== false) return answer as AnswerOf<N>;
    if (answer['Code'] === THROTTLED && attempt < THROTTLED_ATTEMPTS) {
      await pause(Number(response.headers.get('x-acs-retry-after')) || 1_000, signal);
      continue;
    }
    if (response.status === 401) for (const listener of listeners) listener();
    throw refusalOf(response, answer);
  }
}

/** fetch, but a server that is away is {@link Unreachable}. */
export async function ask(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable(error);
  }
}

/**
 * The JSON of an answer, null when that says nobody. An error page of whatever stands before the server has none and counts as empty.
 * @throws Unreachable when a good answer broke off, AbortError
 */
export async function bodyOf(response: Response): Promise<Record<string, unknown> | null> {
  try {
    return (await response.json()) as Record<string, unknown> | null;
  } catch (error) {
    if (isAbort(error)) throw error;
    if (response.ok) throw new Unreachable(error);
    return {};
  }
}

const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';

export function refusalOf(response: Response, answer: Record<string, unknown>): Refusal {
  const text = String(answer['ErrorMessage'] ?? answer['Message'] ?? `HTTP ${response.status}`);
  return new Refusal(response.status, String(answer['Code'] ?? ''), text, String(answer['RequestId'] ?? ''));
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
  signal?.throwIfAborted();
}
