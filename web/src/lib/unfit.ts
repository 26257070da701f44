/** Why a text does not fit a rule. */
export type Unfit =
  /** It holds characters that no text of the rule does. */
  { readonly why: 'characters'; readonly characters: readonly string[] } | { readonly why: 'short' | 'long' | 'other' };

/** @param fits a rule of names; it takes five letters for one */
export function unfit(text: string, fits: (text: string) => boolean): Unfit | undefined {
  if (text === '' || fits(text)) return undefined;
  const characters = [...new Set(text)].filter((character) => !fits(`aa${character}aa`));
  if (characters.length > 0) return { why: 'characters', characters };
  const some = [...text];
  const shorter = some.some((_, length) => fits(some.slice(0, length).join('')));
  const longer = [1, 2, 3, 4].some((more) => fits(text + 'a'.repeat(more)));
  return { why: shorter === longer ? 'other' : shorter ? 'long' : 'short' };
}
