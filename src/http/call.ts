import type { IncomingHttpHeaders } from 'node:http';
import { API_VERSION } from '../contract/index.ts';
import { Failure, fail } from '../domain/failure.ts';
import { type Pair, parsePairs } from '../wire/percent.ts';

/** An HTTP request as it came in, before anything is known about it. */
export interface RawCall {
  readonly method: string;
  /** Path and query as on the request line. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Who sent it, as far as the network tells. */
  readonly address: string;
}

export type Format = 'json' | 'xml';
export type Scheme = 'v1' | 'v3' | 'anonymous';

/** A call of the API with its parameters merged from query and form body (openapi-gateway 1). */
export interface Call extends RawCall {
  readonly scheme: Scheme;
  readonly queryPairs: readonly Pair[];
  /** Query and form: what the operation reads and, under V1, what is signed. */
  readonly pairs: readonly Pair[];
  readonly format: Format;
}

export const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

/** The value of a common parameter; the first one counts when it is repeated. */
export function parameter(call: Pick<Call, 'pairs'>, name: string): string | undefined {
  return call.pairs.find((pair) => pair[0] === name)?.[1];
}

const isForm = (contentType: string | undefined) =>
  contentType?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';

/** The format in which to answer a request that is refused before it could be read as a call. */
export function fallbackFormat(headers: IncomingHttpHeaders): Format {
  return header(headers, 'accept')?.includes('application/json') ? 'json' : 'xml';
}

/** @throws gateway.unsupportedMethod, gateway.unsupportedContentType, gateway.invalidParameter, gateway.invalidFormat */
export function readCall(raw: RawCall): Call {
  const start = raw.url.indexOf('?');
  const queryPairs = start < 0 ? [] : parsePairs(raw.url.slice(start + 1));
  const form = formPairs(raw);
  const pairs = form.length > 0 ? [...queryPairs, ...form] : queryPairs;
  const scheme: Scheme = header(raw.headers, 'authorization')?.startsWith('ACS3-')
    ? 'v3'
    : pairs.some((pair) => pair[0] === 'Signature')
      ? 'v1'
      : 'anonymous';
  const call: Call = { ...raw, scheme, queryPairs, pairs, format: formatOf(raw.headers, scheme, pairs) };
  if (raw.method !== 'GET' && raw.method !== 'POST') throw new CallRefused(call, 'gateway.unsupportedMethod');
  refuseUnreadable(call);
  const named = parameter(call, 'Format');
  if (named && !/^(json|xml)$/i.test(named)) throw new CallRefused(call, 'gateway.invalidFormat');
  return call;
}

/**
 * A call of the console: the action is in the path, its parameters are a form, the answer is JSON.
 * @throws gateway.unsupportedContentType, gateway.invalidParameter
 */
export function readConsoleCall(raw: RawCall, action: string): Call {
  const named: Pair[] = [
    ['Action', action],
    ['Version', API_VERSION],
  ];
  const call: Call = {
    ...raw,
    scheme: 'anonymous',
    queryPairs: [],
    pairs: [...named, ...formPairs(raw)],
    format: 'json',
  };
  refuseUnreadable(call);
  return call;
}

const formPairs = ({ headers, body }: RawCall): readonly Pair[] =>
  isForm(header(headers, 'content-type')) && body.length > 0 ? parsePairs(body.toString('utf8')) : [];

function refuseUnreadable(call: Call): void {
  // no name or value of the API holds a NUL, and PostgreSQL cannot store one
  const odd = call.pairs.find((pair) => pair[0].includes('\0') || pair[1].includes('\0'));
  if (odd) throw new CallRefused(call, 'gateway.invalidParameter', { Parameter: odd[0].replaceAll('\0', '') });
  if (!isForm(header(call.headers, 'content-type')) && call.body.length > 0)
    throw new CallRefused(call, 'gateway.unsupportedContentType');
}

/** V1: `Format`, XML by default. V3: JSON when accepted or asked for (openapi-gateway 7). */
function formatOf(headers: IncomingHttpHeaders, scheme: Scheme, pairs: readonly Pair[]): Format {
  const named = pairs.find((pair) => pair[0] === 'Format')?.[1].toLowerCase();
  if (named === 'json' || named === 'xml') return named;
  return scheme === 'v3' ? fallbackFormat(headers) : 'xml';
}

/** A refusal of a request whose format of answer is known already. */
export class CallRefused extends Failure {
  readonly format: Format;

  constructor(call: Call, key: Failure['key'], details: Failure['details'] = {}) {
    super(key, details);
    this.format = call.format;
  }
}

/** Action and version: V3 sends them as headers, which win; V1 as parameters (openapi-gateway 4.1). @throws gateway.missingParameter */
export function actionName(call: Call): { readonly action: string; readonly version: string } {
  const inHeader = (name: string) => (call.scheme === 'v3' ? header(call.headers, name) : undefined);
  const action = inHeader('x-acs-action') ?? parameter(call, 'Action');
  const version = inHeader('x-acs-version') ?? parameter(call, 'Version');
  if (!action) fail('gateway.missingParameter', { Parameter: 'Action' });
  if (!version) fail('gateway.missingParameter', { Parameter: 'Version' });
  return { action, version };
}
