import { Failure } from '../../../src/domain/failure.ts';

/** The error key of a refusal, with the parameter that it names; undefined when all is well. */
export function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { Parameter: parameter } = error.details;
    return parameter === undefined ? error.key : `${error.key} ${parameter}`;
  }
}

export const illegal = (parameter: string) => `common.invalidParameter ${parameter}`;
