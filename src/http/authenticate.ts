import { createHash, timingSafeEqual } from 'node:crypto';
import { type Caller, identify } from '../domain/accounts.ts';
import type { Deps } from '../domain/deps.ts';
import { fail } from '../domain/failure.ts';
import { rememberNonce } from '../domain/nonces.ts';
import { signV1, stringToSignV1 } from '../wire/signature-v1.ts';
import {
  canonicalRequestV3,
  parseAuthorizationV3,
  signV3,
  stringToSignV3,
  unsignedHeaders,
} from '../wire/signature-v3.ts';
import { parseTimestamp } from '../wire/time.ts';
import { actionName, type Call, header, parameter } from './call.ts';

/** The documented clock skew; one newer page says 31 minutes for V1, the error texts say 15 (openapi-gateway 5). */
const SKEW_MS = 15 * 60_000;

type AuthDeps = Pick<Deps, 'engine' | 'clock' | 'vault'>;

/**
 * Verifies who makes the call, in the order of openapi-gateway 6: common parameters, method, key, time,
 * signature, nonce.
 * @throws a gateway failure
 */
export async function authenticate(deps: AuthDeps, call: Call): Promise<Caller> {
  if (call.scheme === 'v3') return authenticateV3(deps, call);
  if (call.scheme === 'v1') return authenticateV1(deps, call);
  requireParameter(call, 'Action');
  requireParameter(call, 'AccessKeyId');
  return fail('gateway.missingParameter', { Parameter: 'Signature' });
}

async function authenticateV1(deps: AuthDeps, call: Call): Promise<Caller> {
  actionName(call);
  const accessKeyId = requireParameter(call, 'AccessKeyId');
  const signature = requireParameter(call, 'Signature');
  const method = requireParameter(call, 'SignatureMethod');
  requireParameter(call, 'SignatureVersion');
  const nonce = requireParameter(call, 'SignatureNonce');
  const timestamp = requireParameter(call, 'Timestamp');
  if (method !== 'HMAC-SHA1') fail('gateway.invalidSignatureMethod');
  if (parameter(call, 'SignatureVersion') !== '1.0')
    fail('gateway.invalidParameter', { Parameter: 'SignatureVersion' });
  const { caller, secret } = await identify(deps, accessKeyId);
  checkTimestamp(deps, timestamp);
  const stringToSign = stringToSignV1(call.method, call.pairs);
  if (!/^[A-Za-z0-9+/]+=*$/.test(signature)) fail('gateway.incompleteSignature', { StringToSign: stringToSign });
  if (!same(signature, signV1(secret, stringToSign))) {
    fail('gateway.signatureMismatchV1', { StringToSign: stringToSign });
  }
  await checkNonce(deps, accessKeyId, nonce);
  refuseSecurityToken(parameter(call, 'SecurityToken'));
  return caller;
}

async function authenticateV3(deps: AuthDeps, call: Call): Promise<Caller> {
  actionName(call);
  const date = header(call.headers, 'x-acs-date');
  if (!date) fail('gateway.missingParameter', { Parameter: 'Timestamp' });
  const bodyHash = header(call.headers, 'x-acs-content-sha256');
  const text = header(call.headers, 'authorization') ?? '';
  if (!text.startsWith('ACS3-HMAC-SHA256 ')) fail('gateway.invalidSignatureMethod');
  const authorization = parseAuthorizationV3(text);
  if (!authorization || !bodyHash) fail('gateway.incompleteSignature', { StringToSign: '' });
  const { caller, secret } = await identify(deps, authorization.accessKeyId);
  checkTimestamp(deps, date);
  const headers: Record<string, string> = {};
  for (const name of Object.keys(call.headers)) headers[name] = header(call.headers, name) ?? '';
  const canonicalRequest = canonicalRequestV3({
    method: call.method,
    pairs: call.queryPairs,
    headers,
    signedHeaders: authorization.signedHeaders,
    bodySha256: bodyHash,
  });
  const stringToSign = stringToSignV3(canonicalRequest);
  if (unsignedHeaders(headers, authorization.signedHeaders).length > 0) {
    fail('gateway.incompleteSignature', { StringToSign: stringToSign });
  }
  if (createHash('sha256').update(call.body).digest('hex') !== bodyHash) fail('gateway.bodyHashMismatch');
  if (!same(authorization.signature, signV3(secret, stringToSign))) {
    fail('gateway.signatureMismatchV3', { StringToSign: stringToSign, CanonicalRequest: canonicalRequest });
  }
  // V3 allows a request without nonce; replay protection is then the client's own loss (openapi-gateway 5)
  const nonce = header(call.headers, 'x-acs-signature-nonce');
  if (nonce) await checkNonce(deps, authorization.accessKeyId, nonce);
  refuseSecurityToken(header(call.headers, 'x-acs-security-token'));
  return caller;
}

function requireParameter(call: Call, name: string): string {
  return parameter(call, name) || fail('gateway.missingParameter', { Parameter: name });
}

function checkTimestamp({ clock }: Pick<Deps, 'clock'>, text: string): void {
  const at = parseTimestamp(text);
  if (at === undefined) fail('gateway.malformedTimestamp');
  if (Math.abs(clock.now() - at) > SKEW_MS) fail('gateway.expiredTimestamp');
}

async function checkNonce(deps: Pick<Deps, 'engine' | 'clock'>, accessKeyId: string, nonce: string): Promise<void> {
  // a request can be replayed for as long as its timestamp is accepted: skew before and after
  if (!(await rememberNonce(deps, accessKeyId, nonce, 2 * SKEW_MS))) fail('gateway.nonceUsed');
}

/** Only long-term keys exist here, and a token never belongs to one of them. */
function refuseSecurityToken(token: string | undefined): void {
  if (token) fail('gateway.mismatchedSecurityToken');
}

function same(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
