/**
 * A number and what there are so many of, in English: `1 task waits`, `1,234 tasks wait`. Chinese has no such forms.
 * @param count as `Formats.number` writes it; `≈ 1` is one, too
 */
export const several = (count: string, one: string, many: string): string =>
  `${count} ${/^(≈ )?1$/.test(count) ? one : many}`;
