import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Every id, key and nonce the application makes. Tests inject a counting one. */
export interface Ids {
  /** 22 letters and digits; ids made later sort later (to the millisecond). */
  id(): string;
  /** Upper-case UUID, the form of RequestId. */
  requestId(): string;
  /** Random letters and digits, fit for keys and secrets. */
  text(length: number): string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `value` in base 62, padded on the left to `length`; digits sort as their values do. */
export function base62(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) {
    text = ALPHABET.charAt(rest % 62) + text;
  }
  return text;
}

/** The number written by {@link base62}, or undefined when `text` has another character. */
export function parseBase62(text: string): number | undefined {
  let value = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = value * 62 + digit;
  }
  return value;
}

const TIME_DIGITS = 8; // 62^8 ms reach to the year 8888

export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 = 4 * 62: bytes above it would favour the first letters
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

export function randomIds(clock: Clock): Ids {
  return {
    id: () => base62(clock.now(), TIME_DIGITS) + randomText(22 - TIME_DIGITS),
    requestId: () => randomUUID().toUpperCase(),
    text: randomText,
  };
}

/** A whole number from 0 to `below` - 1, for jitter and picks that need no secrecy. */
export function randomBelow(below: number): number {
  return randomInt(below);
}
