interface Tags {
  readonly tags: { readonly Key: string; readonly Value: string }[];
  /** The first line that is no tag. */
  readonly wrong?: string;
}

/** Tags of a job, a `key=value` a line. */
export function tagsIn(text: string): Tags {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const wrong = lines.find((line) => !/^[^=\s]+\s*=\s*\S/.test(line));
  if (wrong !== undefined) return { tags: [], wrong };
  const tags = lines.map((line) => {
    const at = line.indexOf('=');
    return { Key: line.slice(0, at).trim(), Value: line.slice(at + 1).trim() };
  });
  return { tags };
}
