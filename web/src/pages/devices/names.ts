const HAN = /\p{Script=Han}/u;

/** 4-32 of letters, digits and `- _ @ . :`, as the API has it. */
export const isDeviceName = (text: string): boolean => /^[A-Za-z0-9\-_@.:]{4,32}$/.test(text);

/** 4-64 of Chinese characters, which count 2, letters, digits and `_`, as the API has it. */
export function isNickname(text: string): boolean {
  const length = [...text].reduce((sum, character) => sum + (HAN.test(character) ? 2 : 1), 0);
  return /^[\p{Script=Han}A-Za-z0-9_]+$/u.test(text) && length >= 4 && length <= 64;
}

/** Names as somebody types or pastes them, each once. */
export const namesIn = (text: string): string[] => [
  ...new Set(text.split(/[\s,;，；、]+/u).filter((name) => name !== '')),
];
