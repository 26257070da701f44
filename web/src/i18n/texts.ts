export type Language = 'en' | 'zh';

/** A sentence, or one that depends on values. */
// biome-ignore lint/suspicious/noExplicitAny: a function of whatever the sentence names
type Text = string | ((...values: any[]) => string) | { readonly [key: string]: Text };

type Likewise<T> = T extends string
  ? string
  : T extends (...values: infer V) => string
    ? (...values: V) => string
    : { readonly [K in keyof T]: Likewise<T[K]> };

export type TextsOf<T> = { readonly [L in Language]: T };

/**
 * What a part of the console says, in both languages side by side; a sentence that one of them lacks does not compile.
 */
export function texts<const T extends { readonly [key: string]: Text }>(both: {
  readonly en: T;
  readonly zh: Likewise<T>;
}): TextsOf<Likewise<T>> {
  return both as unknown as TextsOf<Likewise<T>>;
}
