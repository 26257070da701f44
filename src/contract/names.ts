/**
 * The rules of texts that a client chooses (openapi-devices 0, 2, 4; openapi-ota 3.1). They stand here and not with the
 * domain, so that a page can say what is wrong with a name before it is sent. All pure.
 */

const HAN = /\p{Script=Han}/u;
/** Chinese characters, letters, digits, underscore. */
const WORDING = /^[\p{Script=Han}A-Za-z0-9_]+$/u;
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

/** Whether a nickname may begin so. */
export const mayBeginNickname = (text: string): boolean => isWording(text, 1, 64);

/** Whether the name of a device may begin so. */
export const mayBeginDeviceName = (text: string): boolean => /^[A-Za-z0-9\-_@.:]{1,32}$/.test(text);

/** 4-32 of letters, digits and `- _ @ . :`. */
export const isDeviceName = (text: string): boolean => /^[A-Za-z0-9\-_@.:]{4,32}$/.test(text);

/** The name under which an account itself signs in to the console; no user can have it. */
export const ACCOUNT_NAME = 'root';

/** 1-64 letters, digits and `. - _`. */
export const isUserName = (text: string): boolean =>
  /^[A-Za-z0-9._-]{1,64}$/.test(text) && text.toLowerCase() !== ACCOUNT_NAME;

/** What XML 1.0 cannot carry; among it NUL, which PostgreSQL cannot store. */
export const UNREADABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Whether both databases and both encodings of the answer can carry a text unchanged. */
export const isCarriable = (text: string): boolean => text.isWellFormed() && !UNREADABLE.test(text);

const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 128;

/** 10-128 characters of any kind. */
export function isPassword(text: string): boolean {
  // a character takes two places at most, and a longer text need not be counted
  if (text.length > 2 * LONGEST_PASSWORD || !isCarriable(text)) return false;
  const length = characters(text);
  return length >= SHORTEST_PASSWORD && length <= LONGEST_PASSWORD;
}

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

/** Whether an SDK would take a key of this name for a member of the push. */
export const isMisread = (text: string): boolean => MISREAD.has(text);

/** 1-64 of letters, digits and `. - _`, and no key of the push that an SDK would find in its place. */
export const isModuleName = (text: string): boolean => isVersion(text) && !isMisread(text);

/** 1-64 Chinese characters, letters, digits and `. - _`. */
export const isModuleAlias = (text: string): boolean => /^[\p{Script=Han}A-Za-z0-9._-]{1,64}$/u.test(text);

// first character Chinese, Japanese, letter or digit (openapi-ota 3.1)
const PACKAGE_NAME =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}A-Za-z0-9][\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々A-Za-z0-9\-_()]*$/u;

/** 1-40 Chinese and Japanese characters, letters, digits and `- _ ( )`, none of the four first. */
export const isPackageName = (text: string): boolean => PACKAGE_NAME.test(text) && characters(text) <= 40;

/** Whether a free text has at most 100 characters. */
export const isShortDescription = (text: string): boolean => characters(text) <= DESCRIPTION_LENGTH;
