/** Parameters of an action as they go onto the wire: `Tag.1.Key`, lists numbered from 1. What is undefined is left out. */
export function flatten(request: object): [string, string][] {
  return Object.entries(request).flatMap(([name, value]) => pairsOf(name, value));
}

function pairsOf(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => pairsOf(`${name}.${index + 1}`, item));
  if (typeof value === 'object') return flatten(value).map(([inner, text]) => [`${name}.${inner}`, text]);
  return [[name, String(value)]];
}
