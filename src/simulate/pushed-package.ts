import { DEFAULT_MODULE } from '../wire/device-messages.ts';

/** A file to be fetched block by block over MQTT. */
export interface PushedStream {
  readonly streamId: number;
  readonly fileId: number;
}

/** One file of a package as a device was told of it. */
export interface PushedFile {
  /** A URL or a stream. */
  readonly source: string | PushedStream;
  /** Bytes. */
  readonly size: number;
  /** Hex digest by the package's `digest`, lower case. */
  readonly sign: string;
}

export interface PushedPackage {
  readonly version: string;
  readonly module: string;
  readonly digest: 'md5' | 'sha256';
  readonly files: readonly PushedFile[];
}

/** What an upgrade message or a get_reply says: a package, nothing to do, or something no device would accept. */
export type Pushed =
  | { readonly kind: 'package'; readonly package: PushedPackage }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unusable'; readonly reason: string };

// `MD5`, as the documentation prints it, is dropped by C 4.x (device-protocol 4.2): a simulated device is as strict
const DIGESTS: Readonly<Record<string, 'md5' | 'sha256'>> = { Md5: 'md5', SHA256: 'sha256', Sha256: 'sha256' };
const HEX_LENGTH = { md5: 32, sha256: 64 } as const;

/** Reads the payload of an upgrade message or of a get_reply as strictly as the C SDKs do (device-protocol 3.2, 3.3, 3.6). */
export function readPushed(payload: Uint8Array): Pushed {
  const message = parseObject(Buffer.from(payload).toString('utf8'));
  if (message === undefined) return unusable('not a JSON object');
  const data = asObject(message.data);
  if (data === undefined) return unusable('no data object');
  if (Object.keys(data).length === 0) return { kind: 'nothing' };
  const digest = DIGESTS[String(data.signMethod)];
  if (digest === undefined) return unusable(`signMethod ${JSON.stringify(data.signMethod)}`);
  if (typeof data.version !== 'string' || data.version === '') return unusable('no version');

  const entries = Array.isArray(data.files) ? data.files.map(fromEntry) : [data];
  const files: PushedFile[] = [];
  for (const entry of entries) {
    const { size, sign } = entry;
    const source = sourceOf(entry);
    if (source === undefined || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      return unusable('a file without url, stream or size');
    }
    if (typeof sign !== 'string' || sign.length !== HEX_LENGTH[digest])
      return unusable('a file without a fitting sign');
    files.push({ source, size, sign: sign.toLowerCase() });
  }
  const module = typeof data.module === 'string' && data.module !== '' ? data.module : DEFAULT_MODULE;
  return { kind: 'package', package: { version: data.version, module, digest, files } };
}

function fromEntry(entry: unknown): Record<string, unknown> {
  const { fileUrl, fileSize, fileSign } = asObject(entry) ?? {};
  return { url: fileUrl, size: fileSize, sign: fileSign };
}

/** As C 4.2: `dProtocol` demands a stream, and without it a URL is needed (device-protocol 3.4). */
function sourceOf({
  dProtocol,
  url,
  streamId,
  streamFileId,
}: Record<string, unknown>): PushedFile['source'] | undefined {
  if (dProtocol === undefined) return typeof url === 'string' ? url : undefined;
  const isNumber = (value: unknown): value is number => typeof value === 'number' && value >>> 0 === value;
  return dProtocol === 'mqtt' && isNumber(streamId) && isNumber(streamFileId)
    ? { streamId, fileId: streamFileId }
    : undefined;
}

function unusable(reason: string): Pushed {
  return { kind: 'unusable', reason };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
