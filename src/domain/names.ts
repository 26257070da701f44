/** The text rules of what clients may name and describe: those that pages know, too, and the others. All pure. */

import { characters, isCarriable, isMisread, UNREADABLE } from '../contract/names.ts';

export {
  ACCOUNT_NAME,
  characters,
  isCarriable,
  isConsumerGroupName,
  isDeviceName,
  isGroupName,
  isModuleAlias,
  isModuleName,
  isNickname,
  isPackageName,
  isPassword,
  isProductName,
  isShortDescription,
  isUserName,
  isVersion,
  LONGEST_PASSWORD,
  nameLength,
} from '../contract/names.ts';

/** 11 letters and digits; they need not start `a1`. */
export const isProductKey = (text: string): boolean => /^[A-Za-z0-9]{11}$/.test(text);

/** Could be an id that the service made: an IotId, a GroupId. One that could not be is as unknown as any other. */
export const isOpaqueId = (text: string): boolean => /^[A-Za-z0-9]{1,32}$/.test(text);

/** Could be the key of a predefined category. */
export const isCategoryKey = (text: string): boolean => /^[A-Za-z0-9_.:-]{1,64}$/.test(text);

/** Name of a file in a package of several: 1-32 characters, and no key of the push that an SDK would find in its place. */
export const isPackageFileName = (text: string): boolean =>
  text !== '' && characters(text) <= 32 && isCarriable(text) && !isMisread(text);

/** `text` with U+FFFD in place of what one of the databases or XML cannot carry. */
export const carriable = (text: string): string => text.toWellFormed().replace(new RegExp(UNREADABLE, 'g'), '\ufffd');
