/**
 * Reads JSON as devices write it: C strings sent with their trailing NULs, commas before a closing bracket
 * (device-protocol 3.8). Bytes that are not UTF-8 become U+FFFD, so that a description in another encoding
 * does not cost the report it came with.
 * @returns undefined when it is no JSON even so
 */
export function parseLenientJson(bytes: Uint8Array): unknown {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] ?? 0) <= 0x20) end -= 1;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8');
  return parse(text) ?? parse(dropTrailingCommas(text));
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers stand for their digits: Node sends a timestamp as one. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One pass by hand: a pattern that skips strings takes quadratic time on hostile input. */
function dropTrailingCommas(text: string): string {
  let result = '';
  let from = 0;
  let comma = -1;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === ',') {
      comma = at;
    } else if ((character === '}' || character === ']') && comma >= 0) {
      result += text.slice(from, comma);
      from = comma + 1;
      comma = -1;
    } else if (character > ' ') {
      quoted = character === '"';
      comma = -1;
    }
  }
  return result + text.slice(from);
}
