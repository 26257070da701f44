/** Topics on which a device speaks, by what they are for (device-protocol 3). */
export type DeviceTopicKind = 'inform' | 'progress' | 'request' | 'firmwareGet' | 'fileDownload' | 'other';

export interface DeviceTopic {
  readonly kind: DeviceTopicKind;
  readonly productKey: string;
  readonly deviceName: string;
}

/** The pair that names a device in topics. */
export interface DeviceNames {
  readonly productKey: string;
  readonly deviceName: string;
}

export const informTopic = (pk: string, dn: string) => `/ota/device/inform/${pk}/${dn}`;
export const progressTopic = (pk: string, dn: string) => `/ota/device/progress/${pk}/${dn}`;
export const upgradeTopic = (pk: string, dn: string) => `/ota/device/upgrade/${pk}/${dn}`;
/** Legacy request and its answer: one topic, both ways (device-protocol 3.7). */
export const requestTopic = (pk: string, dn: string) => `/ota/device/request/${pk}/${dn}`;
export const firmwareGetTopic = (pk: string, dn: string) => `/sys/${pk}/${dn}/thing/ota/firmware/get`;
export const getReplyTopic = (pk: string, dn: string) => `/sys/${pk}/${dn}/thing/ota/firmware/get_reply`;

export const fileDownloadTopic = (pk: string, dn: string) => `/sys/${pk}/${dn}/thing/file/download`;
export const fileReplyTopic = (pk: string, dn: string) => `/sys/${pk}/${dn}/thing/file/download_reply`;

const OTA = '/ota/device/';
const otaKinds: ReadonlyMap<string, DeviceTopicKind> = new Map([
  ['inform', 'inform'],
  ['progress', 'progress'],
  ['request', 'request'],
]);
const sysKinds: ReadonlyMap<string, DeviceTopicKind> = new Map([
  ['thing/ota/firmware/get', 'firmwareGet'],
  ['thing/file/download', 'fileDownload'],
]);

/**
 * What a topic is for and whose it is. `other`: a topic of that device with no meaning here.
 * @returns undefined when the topic names no device
 */
export function parseDeviceTopic(topic: string): DeviceTopic | undefined {
  const levels = topic.split('/');
  const at = namesAt(levels);
  const productKey = levels[at ?? 0];
  const deviceName = levels[(at ?? 0) + 1];
  if (at === undefined || !productKey || !deviceName) return undefined;
  const rest = levels.slice(at + 2);
  let kind: DeviceTopicKind | undefined;
  if (levels[1] === 'sys') kind = sysKinds.get(rest.join('/'));
  else if (levels[1] === 'ota' && rest.length === 0) kind = otaKinds.get(levels[3] ?? '');
  return { kind: kind ?? 'other', productKey, deviceName };
}

/** The level at which ProductKey and DeviceName stand, by the first levels of a topic or filter (device-protocol 1.6). */
function namesAt(levels: readonly string[]): number | undefined {
  if (levels[0] !== '') return undefined;
  switch (levels[1]) {
    case 'sys':
      return 2;
    case 'shadow':
      return 3;
    case 'ext':
      return 3;
    case 'ota':
      return levels[2] === 'device' ? 4 : undefined;
    case 'broadcast':
    case undefined:
      return undefined;
    default:
      return 1;
  }
}

/** `/ext` topics without names: they reach only the connection they belong to. */
function isNamelessExt(levels: readonly string[]): boolean {
  if (levels[0] !== '' || levels[1] !== 'ext') return false;
  if (levels[2] === 'rrpc') return levels.length > 3;
  return levels.length === 3 && (levels[2] === 'register' || levels[2] === 'regnwl');
}

/**
 * What a topic is for that a device may publish to; undefined when it may not. Reports are nearly all that is published:
 * their topics are recognised as they stand.
 */
export function kindOfOwnTopic(own: DeviceNames, topic: string): DeviceTopicKind | undefined {
  const { productKey, deviceName } = own;
  const namesFrom = topic.length - productKey.length - deviceName.length - 1;
  const isReport =
    topic.startsWith(OTA) &&
    topic.startsWith(productKey, namesFrom) &&
    topic.endsWith(deviceName) &&
    topic[namesFrom - 1] === '/' &&
    topic[namesFrom + productKey.length] === '/';
  const kind = isReport ? otaKinds.get(topic.slice(OTA.length, namesFrom - 1)) : undefined;
  return kind ?? (mayPublish(own, topic) ? (parseDeviceTopic(topic)?.kind ?? 'other') : undefined);
}

/** Whether a device may publish to `topic`: its own topics only (device-protocol 1.6). */
export function mayPublish(own: DeviceNames, topic: string): boolean {
  if (/[+#\0]/.test(topic)) return false;
  const levels = topic.split('/');
  return isOwn(own, levels) || isNamelessExt(levels);
}

/**
 * Whether a device may subscribe to `filter`. Wildcards may stand wherever they cannot reach another device;
 * shared subscriptions are refused, as there is nobody to share with.
 */
export function maySubscribe(own: DeviceNames, filter: string): boolean {
  const levels = filter.split('/');
  if (filter.includes('\0') || !hasProperWildcards(levels)) return false;
  return isOwn(own, levels) || isNamelessExt(levels) || isOwnBroadcast(own, levels);
}

function isOwn(own: DeviceNames, levels: readonly string[]): boolean {
  const at = namesAt(levels);
  if (at === undefined || levels[at] !== own.productKey || levels[at + 1] !== own.deviceName) return false;
  // sys and custom topics have something below the names
  return at > 2 || levels.length > at + 2;
}

function isOwnBroadcast(own: DeviceNames, levels: readonly string[]): boolean {
  return levels[0] === '' && levels[1] === 'broadcast' && levels[2] === own.productKey && levels.length > 3;
}

function hasProperWildcards(levels: readonly string[]): boolean {
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}
