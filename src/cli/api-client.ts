import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSION } from '../contract/index.ts';
import { systemClock } from '../lib/clock.ts';
import { randomText } from '../lib/ids.ts';
import { canonicalQuery, type Pair } from '../wire/percent.ts';
import { canonicalRequestV3, signV3, stringToSignV3 } from '../wire/signature-v3.ts';

export interface ApiClient {
  /**
   * Calls an action and returns its answer. A throttled call is repeated when the server says so.
   * @throws ApiError when the answer is a refusal, Error when the server cannot be reached
   */
  call(action: string, parameters?: ApiParameters): Promise<ApiAnswer>;
}

export type ApiParameters = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
// biome-ignore lint/suspicious/noExplicitAny: the answer of any action, read member by member like JSON
export type ApiAnswer = Record<string, any>;

export class ApiError extends Error {
  readonly code: string;
  readonly answer: ApiAnswer;

  constructor(action: string, answer: ApiAnswer) {
    const text = String(answer['ErrorMessage'] ?? answer['Message'] ?? '');
    super(`${action}: ${answer['Code']} ${text} (RequestId ${answer['RequestId']})`);
    this.name = 'ApiError';
    this.code = String(answer['Code']);
    this.answer = answer;
  }
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');
/** Documented quotas are per second, so one of the next few seconds has room. */
const ATTEMPTS = 10;

/**
 * A client of the public API with V3 signatures.
 * @param endpoint origin, `http://127.0.0.1:8080`
 */
export function createApiClient(
  endpoint: string,
  key: { readonly accessKeyId: string; readonly accessKeySecret: string },
): ApiClient {
  const { host } = new URL(endpoint);
  return {
    async call(action, parameters = {}) {
      const pairs = flatParameters(parameters);
      for (let attempt = 1; ; attempt++) {
        const response = await send(endpoint, signedHeaders(host, action, pairs, key), pairs);
        const answer = (await response.json()) as ApiAnswer;
        if (response.ok && answer['Success'] !== false) return answer;
        const throttled = String(answer['Code']).startsWith('Throttling');
        if (!throttled || attempt === ATTEMPTS) throw new ApiError(action, answer);
        await sleep(Number(response.headers.get('x-acs-retry-after') ?? 1_000));
      }
    },
  };
}

/** Parameters as they go onto the wire, lists numbered from 1. */
export function flatParameters(parameters: ApiParameters): Pair[] {
  return Object.entries(parameters).flatMap(([name, value]): Pair[] => {
    if (value === undefined) return [];
    if (typeof value === 'object') return value.map((item, index) => [`${name}.${index + 1}`, item]);
    return [[name, String(value)]];
  });
}

/** The headers of a signed call whose parameters are in the query; one call each, for they hold a nonce. */
export function signedHeaders(
  host: string,
  action: string,
  pairs: readonly Pair[],
  key: { readonly accessKeyId: string; readonly accessKeySecret: string },
): Record<string, string> {
  const headers: Record<string, string> = {
    host,
    'x-acs-action': action,
    'x-acs-content-sha256': EMPTY_SHA256,
    'x-acs-date': `${new Date(systemClock.now()).toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomText(32),
    'x-acs-version': API_VERSION,
  };
  const signed = Object.keys(headers).sort();
  const request = canonicalRequestV3({
    method: 'POST',
    pairs,
    headers,
    signedHeaders: signed,
    bodySha256: EMPTY_SHA256,
  });
  const signature = signV3(key.accessKeySecret, stringToSignV3(request));
  const authorization = `ACS3-HMAC-SHA256 Credential=${key.accessKeyId},SignedHeaders=${signed.join(';')},Signature=${signature}`;
  return { ...headers, authorization, accept: 'application/json' };
}

async function send(endpoint: string, headers: Record<string, string>, pairs: readonly Pair[]): Promise<Response> {
  try {
    return await fetch(`${endpoint}/?${canonicalQuery(pairs)}`, { method: 'POST', headers });
  } catch (error) {
    throw new Error(
      `Cannot reach ${endpoint}: ${(error as Error & { cause?: Error }).cause?.message ?? (error as Error).message}.`,
    );
  }
}

/**
 * Uploads a package file through the form that GenerateOTAUploadURL hands out.
 * @returns the FirmwareUrl for CreateOTAFirmware
 */
export async function uploadPackage(
  client: ApiClient,
  bytes: Uint8Array<ArrayBuffer>,
  suffix = 'bin',
): Promise<string> {
  const { Data: grant } = await client.call('GenerateOTAUploadURL', { FileSuffix: suffix });
  await postForm(grant, grant.OSSAccessKeyId, bytes);
  return grant.FirmwareUrl;
}

/** Sends the form that GenerateOTAUploadURL or GenerateDeviceNameListURL has handed out. */
export async function postForm(grant: ApiAnswer, accessKeyId: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const form = new FormData();
  form.set('key', grant['Key']);
  form.set('policy', grant['Policy']);
  form.set('OSSAccessKeyId', accessKeyId);
  form.set('signature', grant['Signature']);
  form.set('success_action_status', '200');
  form.set('file', new Blob([bytes]), 'package');
  const response = await fetch(grant['Host'], { method: 'POST', body: form });
  if (response.status !== 200) throw new Error(`The upload was refused: ${await response.text()}`);
}
