import type { DeviceTopicKind } from './device-topics.ts';
import { getReplyTopic, requestTopic, upgradeTopic } from './device-topics.ts';
import { type BlockQuestion, readBlockQuestion } from './file-download.ts';
import { isObject, parseLenientJson } from './lenient-json.ts';

/** What a device says (device-protocol 3). */
export type DeviceMessage =
  /** The version that a module runs now: the only proof of an update. */
  | { readonly kind: 'inform'; readonly id: string; readonly module: string; readonly version: string }
  /** `step`: 0 to 100 percent, or -1 to -4 for a failure. */
  | {
      readonly kind: 'progress';
      readonly id: string;
      readonly module: string;
      readonly step: number;
      readonly description: string;
    }
  | { readonly kind: 'get'; readonly id: string; readonly module: string | undefined }
  /** Legacy `/ota/device/request`. */
  | { readonly kind: 'request'; readonly id: string; readonly version: string | undefined }
  /** Anything else: accepted and ignored. */
  | { readonly kind: 'other' };

export interface Malformed {
  readonly kind: 'malformed';
  /** For the log. */
  readonly reason: string;
}

/** A file that a device fetches block by block over its MQTT connection. Both are uint32. */
export interface FileStream {
  readonly streamId: number;
  readonly fileId: number;
}

export interface PackageFile {
  readonly name: string;
  /** A URL, or for the only file of a package a stream. */
  readonly source: string | FileStream;
  /** Bytes. */
  readonly size: number;
  /** Hex. */
  readonly md5: string;
  /** Hex digest by the sign method of the package. */
  readonly sign: string;
}

export interface PackageNotice {
  readonly version: string;
  readonly module: string;
  /** A delta package. */
  readonly isDiff: boolean;
  readonly signMethod: 'MD5' | 'SHA256';
  /** At least one. */
  readonly files: readonly PackageFile[];
  readonly extData: Readonly<Record<string, string>>;
}

/** What a device is told. */
export type Notice =
  | { readonly kind: 'upgrade'; readonly messageId: number; readonly package: PackageNotice }
  /** `id` echoes the question. Without a package: nothing to update. */
  | { readonly kind: 'getReply'; readonly id: string; readonly package: PackageNotice | undefined }
  | { readonly kind: 'requestReply'; readonly messageId: number; readonly package: PackageNotice };

/** The module that stands for the whole device. */
export const DEFAULT_MODULE = 'default';

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const STEP = /^[+-]?\d{1,3}$/;

/**
 * Reads a message by the kind of its topic. Never throws, whatever the bytes are.
 * Tolerates what SDKs are known to send: ids and steps as bare numbers, trailing NULs, trailing commas.
 */
export function decodeDeviceMessage(
  kind: DeviceTopicKind,
  payload: Uint8Array,
): DeviceMessage | BlockQuestion | Malformed {
  if (kind === 'other') return { kind: 'other' };
  const message = parseLenientJson(payload);
  if (!isObject(message)) return malformed('not a JSON object');
  const id = idOf(message['id']);
  const params = message['params'];
  if (isObject(params)) return decodeParams(kind, id, params);
  // a question needs no parameters
  if (params === undefined || params === null) return decodeParams(kind, id, {});
  return malformed('params is not an object');
}

function decodeParams(
  kind: Exclude<DeviceTopicKind, 'other'>,
  id: string,
  params: Readonly<Record<string, unknown>>,
): DeviceMessage | BlockQuestion | Malformed {
  if (kind === 'fileDownload') return readBlockQuestion(id, params) ?? malformed('id is too long to be echoed');
  const module = params['module'] === null || params['module'] === '' ? undefined : params['module'];
  if (module !== undefined && !isName(module)) return malformed('module is not a name of 1-64 characters');
  const version = params['version'];
  switch (kind) {
    case 'inform':
      if (!isName(version)) return malformed('version is not a name of 1-64 characters');
      return { kind, id, module: module ?? DEFAULT_MODULE, version };
    case 'progress': {
      const step = stepOf(params['step']);
      if (step === undefined) return malformed('step is not an integer from -4 to 100');
      const description = params['desc'];
      return { kind, id, module: module ?? DEFAULT_MODULE, step, description: isText(description) ? description : '' };
    }
    case 'firmwareGet':
      return { kind: 'get', id, module };
    case 'request':
      if (version === undefined || version === null || version === '') return { kind, id, version: undefined };
      return isName(version) ? { kind, id, version } : malformed('version is not a name of 1-64 characters');
  }
}

const malformed = (reason: string): Malformed => ({ kind: 'malformed', reason });
const isText = (value: unknown): value is string => typeof value === 'string';
const isName = (value: unknown): value is string => isText(value) && NAME.test(value);

/** Ids are echoed, never relied upon: a message without one is still a message (device-protocol 3). */
function idOf(value: unknown): string {
  return isText(value) ? value : typeof value === 'number' ? String(value) : '';
}

function stepOf(value: unknown): number | undefined {
  const step =
    typeof value === 'number' ? value : isText(value) && STEP.test(value.trim()) ? Number(value) : Number.NaN;
  return Number.isInteger(step) && step >= -4 && step <= 100 ? step + 0 : undefined;
}

/** The message for a notice, shaped so that every stock SDK understands it (device-protocol 4.2). */
export function encodeNotice(
  device: { readonly productKey: string; readonly deviceName: string },
  notice: Notice,
): { topic: string; payload: Buffer } {
  const { productKey, deviceName } = device;
  switch (notice.kind) {
    case 'upgrade':
      return { topic: upgradeTopic(productKey, deviceName), payload: push(notice.messageId, notice.package) };
    case 'requestReply':
      return { topic: requestTopic(productKey, deviceName), payload: push(notice.messageId, notice.package) };
    case 'getReply': {
      const data = notice.package ? dataOf(notice.package) : {};
      return { topic: getReplyTopic(productKey, deviceName), payload: json({ id: notice.id, code: 200, data }) };
    }
  }
}

function push(messageId: number, notice: PackageNotice): Buffer {
  return json({ code: '1000', data: dataOf(notice), id: messageId, message: 'success' });
}

/** C 4.x finds keys in the text: JSON stays compact, in this order (device-protocol 4.2). */
const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

function dataOf(notice: PackageNotice): object {
  const { version, module, files } = notice;
  // C 4.x drops a push with the documented spelling `MD5` (device-protocol 3.2)
  const signMethod = notice.signMethod === 'MD5' ? 'Md5' : 'SHA256';
  const isDiff = notice.isDiff ? 1 : undefined;
  const named = module === DEFAULT_MODULE ? undefined : module;
  // last, because C 4.x takes the first key of a name and a tag may be called `size`
  const extData = Object.keys(notice.extData).length > 0 ? notice.extData : undefined;
  const [file] = files;
  if (!file) throw new RangeError('a package has at least one file');
  // C 4.2 gives up on a list of one (device-protocol 3.3)
  if (files.length === 1) {
    const { source, size, sign } = file;
    // C 3.x compares the MD5 as lower-case text and wants it beside SHA256 too
    const md5 = file.md5.toLowerCase();
    const rest = { isDiff, module: named, extData };
    if (typeof source === 'string') return { size, sign, version, signMethod, url: source, md5, ...rest };
    // C 4.2 takes `dProtocol` as a promise of `streamId`: the two are never apart (device-protocol 3.4)
    const { streamId, fileId: streamFileId } = source;
    return { size, streamId, sign, dProtocol: 'mqtt', version, signMethod, streamFileId, md5, ...rest };
  }
  const list = files.map((each) => ({
    fileName: each.name,
    fileUrl: urlOf(each),
    fileSize: each.size,
    fileMd5: each.md5.toLowerCase(),
    fileSign: each.sign,
  }));
  return { version, signMethod, isDiff, module: named, files: list, extData };
}

function urlOf({ source }: PackageFile): string {
  if (typeof source !== 'string') throw new RangeError('only a single file can be a stream');
  return source;
}
