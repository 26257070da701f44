/** A decoded parameter. Names may repeat. */
export type Pair = readonly [name: string, value: string];

const UNRESERVED = /^[A-Za-z0-9\-_.~]*$/;
const LEFT_BY_ENCODE = /[!'()*]/;

/** RFC 3986: all but `A-Z a-z 0-9 - _ . ~` becomes %XX of its UTF-8 bytes in upper case (openapi-gateway 3). */
export function percentEncode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  // a lone surrogate has no UTF-8 form and would throw
  const encoded = encodeURIComponent(text.isWellFormed() ? text : text.toWellFormed());
  if (!LEFT_BY_ENCODE.test(encoded)) return encoded;
  return encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Splits a query string (without `?`) or a form body. `+` is a space, %XX are UTF-8 bytes; a malformed escape
 * stands for itself and bytes that are not UTF-8 become U+FFFD. Pairs without a name are dropped.
 */
export function parsePairs(raw: string): Pair[] {
  const pairs: Pair[] = [];
  for (const piece of raw.split('&')) {
    const equals = piece.indexOf('=');
    const name = decode(equals < 0 ? piece : piece.slice(0, equals));
    if (name !== '') pairs.push([name, equals < 0 ? '' : decode(piece.slice(equals + 1))]);
  }
  return pairs;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
      Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
}

const SURROGATE = /[\ud800-\udfff]/;

/**
 * The form in which both signature schemes see parameters: encoded anew, sorted by the bytes of the raw name
 * (`DeviceName.10` before `DeviceName.2`), repeated names by value.
 */
export function canonicalQuery(pairs: readonly Pair[]): string {
  // UTF-16 order is byte order until a character beyond U+FFFF comes in
  const compare = pairs.some(([name, value]) => SURROGATE.test(name) || SURROGATE.test(value)) ? byBytes : byUnits;
  const sorted = pairs.toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  let query = '';
  for (const [name, value] of sorted) {
    query += `${query === '' ? '' : '&'}${percentEncode(name)}=${percentEncode(value)}`;
  }
  return query;
}

const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
