import { type ErrorKey, errors } from '../contract/errors.ts';

/** A refusal with a known cause. Code, status and text live in `contract/errors.ts`. */
export class Failure extends Error {
  readonly key: ErrorKey;
  /** Fills `{Name}` in the catalogue's texts. */
  readonly details: Readonly<Record<string, string>>;

  constructor(key: ErrorKey, details: Readonly<Record<string, string>> = {}) {
    super(key);
    this.name = 'Failure';
    this.key = key;
    this.details = details;
  }
}

/** Ends the use case with the error `key` of the catalogue. */
export function fail(key: ErrorKey, details?: Readonly<Record<string, string>>): never {
  throw new Failure(key, details);
}

const fill = (template: string, details: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => details[name] ?? '').trim();

/** The `Code` of a refusal. */
export const codeOf = ({ key, details }: Pick<Failure, 'key' | 'details'>): string => fill(errors[key].code, details);

/** What a refusal says to people. */
export const textOf = ({ key, details }: Pick<Failure, 'key' | 'details'>): string =>
  fill(errors[key].message, details);
