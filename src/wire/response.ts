/** What an answer is made of, before it becomes JSON or XML. Members that are undefined are left out. */
export interface Tree {
  readonly [name: string]: Item | readonly Item[] | undefined;
}
export type Item = string | number | boolean | Tree;

export function encodeJson(tree: Tree): string {
  return JSON.stringify(tree);
}

/**
 * The same tree as XML: an array is its member's element repeated, an empty one is nothing, an empty string an
 * empty element (openapi-gateway 7). Names become elements as they are, so they must be fit for it.
 *
 * Written by hand: 1.6 times the cost of JSON where a library's builder takes 8 (measured-limits 2).
 */
export function encodeXml(root: string, tree: Tree): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root, tree)}`;
}

function element(name: string, value: Item): string {
  return `<${name}>${typeof value === 'object' ? members(value) : escapeText(String(value))}</${name}>`;
}

function members(tree: Tree): string {
  let xml = '';
  for (const name of Object.keys(tree)) {
    const value = tree[name];
    if (value === undefined) continue;
    if (isList(value)) for (const item of value) xml += element(name, item);
    else xml += element(name, value);
  }
  return xml;
}

const isList = (value: Item | readonly Item[]): value is readonly Item[] => Array.isArray(value);

// most texts have nothing to escape; this form of the test is the fast one
const SUSPECT = /[&<>"'\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const SPECIAL = /[&<>"'\r\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // a parser turns a bare one into a line feed
  '\r': '&#xD;',
};

/** What no escape can carry into XML 1.0 becomes U+FFFD. */
function escapeText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(SPECIAL, (character) => entities[character] ?? '\ufffd');
}
