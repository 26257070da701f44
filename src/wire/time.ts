const CHINA_OFFSET_MS = 8 * 3_600_000;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2019-11-04T06:21:54.607Z`, the form of `Utc…` members. @param ms since 1970 */
export function utcText(ms: number): string {
  return new Date(ms).toISOString();
}

/** `Wed, 20-Feb-2019 02:16:09 GMT`, the form of `Gmt…` members. @param ms since 1970 */
export function gmtText(ms: number): string {
  const date = new Date(ms);
  const iso = date.toISOString();
  const day = `${iso.slice(8, 10)}-${months[date.getUTCMonth()]}-${date.getUTCFullYear()}`;
  return `${weekdays[date.getUTCDay()]}, ${day} ${iso.slice(11, 19)} GMT`;
}

/** `2018-08-06 10:47:50`, Beijing time (UTC+8), for members that carry no zone. @param ms since 1970 */
export const chinaTimeText = (ms: number): string => chinaMillisText(ms).slice(0, 19);

/** `2020-04-04 16:38:17.607`, Beijing time (UTC+8): times of the device search. @param ms since 1970 */
export function chinaMillisText(ms: number): string {
  return new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 23).replace('T', ' ');
}

/** Reads what these two write. @returns milliseconds since 1970; undefined for another form or a date of no calendar */
export function parseChinaTime(text: string): number | undefined {
  const ms = /^\S+ \S+$/.test(text) ? parseTimestamp(`${text.replace(' ', 'T')}Z`) : undefined;
  return ms === undefined ? undefined : ms - CHINA_OFFSET_MS;
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/**
 * Reads `yyyy-MM-ddTHH:mm:ssZ` with an optional fraction, of which milliseconds are kept (openapi-gateway 2).
 * @returns milliseconds since 1970; undefined for another form or a date that is in no calendar
 */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  const seconds = match?.[1];
  if (!seconds) return undefined;
  const ms = Date.parse(`${seconds}Z`);
  // Date rolls 30 February over into March
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(seconds)) return undefined;
  return ms + Number((match[2] ?? '').slice(0, 3).padEnd(3, '0'));
}
