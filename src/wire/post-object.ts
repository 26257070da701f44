import { createHmac } from 'node:crypto';
import { encodeXml } from './response.ts';
import { parseTimestamp, utcText } from './time.ts';

/** What a form upload may do (storage-and-events 1.5). */
export interface Policy {
  /** Milliseconds since 1970. Compare it with the start of the request, so that a slow upload does not fail. */
  readonly expiresAt: number;
  readonly conditions: readonly Condition[];
  /** Bytes the file may have, both ends included; undefined when the policy does not say. */
  readonly range: { readonly min: number; readonly max: number } | undefined;
}

export interface Condition {
  readonly operator: 'eq' | 'starts-with';
  /** As written, without the dollar. */
  readonly field: string;
  readonly value: string;
}

/**
 * Base64 of a policy for one object.
 * @param permission.expiresAt milliseconds since 1970
 * @param permission.maxBytes largest file
 */
export function makePolicy(permission: {
  readonly expiresAt: number;
  readonly key: string;
  readonly maxBytes: number;
}): string {
  const { expiresAt, key, maxBytes } = permission;
  const policy = {
    expiration: utcText(expiresAt),
    conditions: [
      ['content-length-range', 0, maxBytes],
      ['eq', '$key', key],
    ],
  };
  return Buffer.from(JSON.stringify(policy)).toString('base64');
}

/** Base64 of HMAC-SHA1 over the base64 text as it travels, so the policy's own spelling is the issuer's business. */
export function signPolicy(secret: string, base64: string): string {
  return createHmac('sha1', secret).update(base64).digest('base64');
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** @returns undefined when it is no policy (`InvalidPolicyDocument`): not base64 of JSON, no expiration, a condition that is none */
export function readPolicy(base64: string): Policy | undefined {
  const text = base64.trim();
  if (!BASE64.test(text)) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null) return undefined;
  const { expiration, conditions: entries } = document as { expiration?: unknown; conditions?: unknown };
  const expiresAt = typeof expiration === 'string' ? parseTimestamp(expiration) : undefined;
  if (expiresAt === undefined || !Array.isArray(entries) || entries.length === 0) return undefined;
  const conditions: Condition[] = [];
  let range: Policy['range'];
  for (const entry of entries as unknown[]) {
    const read = readCondition(entry);
    if (!read) return undefined;
    if ('operator' in read) conditions.push(read);
    // several ranges all hold
    else range = range ? { min: Math.max(range.min, read.min), max: Math.min(range.max, read.max) } : read;
  }
  return { expiresAt, conditions, range };
}

function readCondition(entry: unknown): Condition | { min: number; max: number } | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  if (!Array.isArray(entry)) {
    const [field, ...others] = Object.entries(entry);
    if (!field || others.length > 0 || typeof field[1] !== 'string') return undefined;
    return { operator: 'eq', field: field[0], value: field[1] };
  }
  const [operator, first, second] = entry as unknown[];
  if (entry.length !== 3) return undefined;
  if (operator === 'content-length-range') {
    const min = bytes(first);
    const max = bytes(second);
    return min === undefined || max === undefined || min > max ? undefined : { min, max };
  }
  if (operator !== 'eq' && operator !== 'starts-with') return undefined;
  if (typeof first !== 'string' || !first.startsWith('$') || typeof second !== 'string') return undefined;
  // a literal dollar is written `\$`
  return { operator, field: first.slice(1), value: second.replaceAll('\\$', '$') };
}

function bytes(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/**
 * Holds the form's fields against the policy; expiry and size are not looked at.
 * @param fields value by lower-case name; a condition on a field that was not sent sees an empty text
 * @returns the message of the first condition that fails, undefined when all hold
 */
export function checkPolicy(policy: Policy, fields: ReadonlyMap<string, string>): string | undefined {
  for (const { operator, field, value } of policy.conditions) {
    const sent = fields.get(field.toLowerCase()) ?? '';
    if (operator === 'eq' ? sent === value : sent.startsWith(value)) continue;
    const condition = [operator, `$${field}`, value].map((part) => JSON.stringify(part)).join(', ');
    return `Invalid according to Policy: Policy Condition failed: [${condition}]`;
  }
  return undefined;
}

/** The body of a refusal by the upload or download address (storage-and-events 1.8). */
export function ossErrorXml(error: {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  readonly hostId: string;
}): string {
  const { code, message, requestId, hostId } = error;
  return encodeXml('Error', { Code: code, Message: message, RequestId: requestId, HostId: hostId });
}

/** The body for `success_action_status=201` (storage-and-events 1.4). @param object.etag without quotes */
export function postResponseXml(object: {
  readonly bucket: string;
  readonly etag: string;
  readonly key: string;
  readonly location: string;
}): string {
  const { bucket, etag, key, location } = object;
  return encodeXml('PostResponse', { Bucket: bucket, ETag: `"${etag}"`, Key: key, Location: location });
}
