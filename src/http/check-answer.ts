import type { Field, Fields } from '../contract/schema.ts';

/** Throws when a handler's answer is not what the contract declares: a defect of ours, never the caller's. */
export function checkAnswer(fields: Fields, members: Readonly<Record<string, unknown>>, path = ''): void {
  for (const name of Object.keys(members)) {
    if (members[name] !== undefined && !Object.hasOwn(fields, name))
      throw new Error(`answer has undeclared ${path}${name}`);
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = members[name];
    if (value !== undefined) checkField(field, value, `${path}${name}`);
    else if (field.required) throw new Error(`answer lacks ${path}${name}`);
  }
}

const types = { text: 'string', int: 'number', long: 'number', bool: 'boolean' } as const;

function checkField(field: Field, value: unknown, path: string): void {
  if (field.kind === 'list') {
    if (!Array.isArray(value)) throw new Error(`answer has no array at ${path}`);
    for (const [index, item] of value.entries()) checkField(field.of, item, `${path}[${index}]`);
  } else if (field.kind === 'object') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`answer has no object at ${path}`);
    checkAnswer(field.fields, value as Record<string, unknown>, `${path}.`);
  } else if (typeof value !== types[field.kind] || (typeof value === 'number' && !Number.isSafeInteger(value))) {
    throw new Error(`answer has ${JSON.stringify(value)} where ${path} is ${field.kind}`);
  }
}
