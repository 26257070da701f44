/** Names as somebody types or pastes them, each once: blanks, line breaks, and commas and semicolons of both kinds separate. */
export const namesIn = (text: string): string[] => [
  ...new Set(text.split(/[\s,;，；、]+/u).filter((name) => name !== '')),
];
