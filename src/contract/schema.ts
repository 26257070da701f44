/**
 * The vocabulary in which the API is declared. An action's request and answer are data;
 * the dispatcher, the handlers' types, the documentation and the tests all follow from it.
 */
export interface TextField {
  readonly kind: 'text';
  readonly doc: string;
  readonly required?: boolean;
}
export interface IntField {
  readonly kind: 'int';
  readonly doc: string;
  readonly required?: boolean;
}
/** 64-bit on the wire; values here stay within Number.MAX_SAFE_INTEGER. */
export interface LongField {
  readonly kind: 'long';
  readonly doc: string;
  readonly required?: boolean;
}
export interface BoolField {
  readonly kind: 'bool';
  readonly doc: string;
  readonly required?: boolean;
}
export interface ListField {
  readonly kind: 'list';
  readonly of: Field;
  /** Longest list that the gateway accepts; longer is `Invalid{Parameter}`. Rules of an operation may be tighter. */
  readonly max: number;
  readonly doc: string;
  readonly required?: boolean;
}
export interface ObjectField {
  readonly kind: 'object';
  readonly fields: Fields;
  readonly doc: string;
  readonly required?: boolean;
}
export type Field = TextField | IntField | LongField | BoolField | ListField | ObjectField;
export type Fields = { readonly [name: string]: Field };

export const text = (doc: string) => ({ kind: 'text', doc }) as const;
export const int = (doc: string) => ({ kind: 'int', doc }) as const;
export const long = (doc: string) => ({ kind: 'long', doc }) as const;
export const bool = (doc: string) => ({ kind: 'bool', doc }) as const;
export const list = <const F extends Field>(of: F, max: number, doc: string) =>
  ({ kind: 'list', of, max, doc }) as const;
export const object = <const F extends Fields>(fields: F, doc = '') => ({ kind: 'object', fields, doc }) as const;
export const required = <const F extends Field>(field: F) => ({ ...field, required: true }) as const;

/** The wrapped list of the API: an object that holds one array, `{"SimpleOTATaskInfo":[…]}`. */
export const wrapped = <const N extends string, const F extends Field>(name: N, of: F) =>
  object({ [name]: required(list(of, Number.MAX_SAFE_INTEGER, '')) } as unknown as {
    readonly [K in N]: {
      readonly kind: 'list';
      readonly of: F;
      readonly max: number;
      readonly doc: string;
      readonly required: true;
    };
  });

export type ValueOf<F> = F extends { readonly kind: 'text' }
  ? string
  : F extends { readonly kind: 'int' | 'long' }
    ? number
    : F extends { readonly kind: 'bool' }
      ? boolean
      : F extends { readonly kind: 'list'; readonly of: infer E }
        ? ValueOf<E>[]
        : F extends { readonly kind: 'object'; readonly fields: infer G }
          ? ValuesOf<G>
          : never;

export type ValuesOf<G> = {
  -readonly [K in keyof G as G[K] extends { readonly required: true } ? K : never]: ValueOf<G[K]>;
} & {
  -readonly [K in keyof G as G[K] extends { readonly required: true } ? never : K]?: ValueOf<G[K]> | undefined;
};
