/** The text rules of what clients may name and describe (openapi-devices 0, 2, 4; openapi-ota 3.1). All pure. */

const HAN = /\p{Script=Han}/u;
/** Chinese characters, letters, digits, underscore. */
const WORDING = /^[\p{Script=Han}A-Za-z0-9_]+$/u;
/** What XML 1.0 cannot carry; among it NUL, which PostgreSQL cannot store. */
const UNREADABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const DESCRIPTION_LENGTH = 100;

/** Number of characters as a reader counts them: one beyond the 16-bit range counts 1. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Length of a text in which a Chinese character counts 2. */
export function nameLength(text: string): number {
  let length = 0;
  for (const character of text) length += HAN.test(character) ? 2 : 1;
  return length;
}

function isWording(text: string, shortest: number, longest: number): boolean {
  // the first test spares a look at each character of a text that is too long anyhow
  if (text.length > longest || !WORDING.test(text)) return false;
  const length = nameLength(text);
  return length >= shortest && length <= longest;
}

/** 4-30, a Chinese character counts 2. */
export const isProductName = (text: string): boolean => isWording(text, 4, 30);

/** 4-30, a Chinese character counts 2. */
export const isGroupName = (text: string): boolean => isWording(text, 4, 30);

/** 4-30, a Chinese character counts 2. */
export const isConsumerGroupName = (text: string): boolean => isWording(text, 4, 30);

/** 4-64, a Chinese character counts 2. */
export const isNickname = (text: string): boolean => isWording(text, 4, 64);

/** 4-32 of letters, digits and `- _ @ . :`. */
export const isDeviceName = (text: string): boolean => /^[A-Za-z0-9\-_@.:]{4,32}$/.test(text);

/** 11 letters and digits; they need not start `a1`. */
export const isProductKey = (text: string): boolean => /^[A-Za-z0-9]{11}$/.test(text);

/** Could be an id that the service made: an IotId, a GroupId. One that could not be is as unknown as any other. */
export const isOpaqueId = (text: string): boolean => /^[A-Za-z0-9]{1,32}$/.test(text);

/** Could be the key of a predefined category. */
export const isCategoryKey = (text: string): boolean => /^[A-Za-z0-9_.:-]{1,64}$/.test(text);

/** 1-64 of letters, digits and `. - _`. */
export const isVersion = (text: string): boolean => /^[A-Za-z0-9._-]{1,64}$/.test(text);

/**
 * C 4.x looks keys up in the text of a message and takes the first. A module or a file of such a name would stand
 * before the member itself, or pass for one that the message leaves out (device-protocol 4.2).
 */
const MISREAD: ReadonlySet<string> = new Set([
  'files',
  'fileUrl',
  'fileSize',
  'fileMd5',
  'fileSign',
  'extData',
  'dProtocol',
  'streamId',
  'streamFileId',
  'digestsign',
]);

/** 1-64 of letters, digits and `. - _`, and no key of the push that an SDK would find in its place. */
export const isModuleName = (text: string): boolean => isVersion(text) && !MISREAD.has(text);

/** 1-64 Chinese characters, letters, digits and `. - _`. */
export const isModuleAlias = (text: string): boolean => /^[\p{Script=Han}A-Za-z0-9._-]{1,64}$/u.test(text);

/** Name of a file in a package of several: 1-32 characters, and no key of the push that an SDK would find in its place. */
export const isPackageFileName = (text: string): boolean =>
  text !== '' && characters(text) <= 32 && isCarriable(text) && !MISREAD.has(text);

/** Whether a free text has at most 100 characters. */
export const isShortDescription = (text: string): boolean => characters(text) <= DESCRIPTION_LENGTH;

/** `text` with U+FFFD in place of what one of the databases or XML cannot carry. */
export const carriable = (text: string): string => text.toWellFormed().replace(new RegExp(UNREADABLE, 'g'), '\ufffd');

/** Whether both databases and both encodings of the answer can carry a text unchanged. */
export const isCarriable = (text: string): boolean => text.isWellFormed() && !UNREADABLE.test(text);
