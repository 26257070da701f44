import type { ErrorKey } from './errors.ts';
import type { Fields } from './schema.ts';

/** One operation of the API as data. */
export interface ActionEntry {
  readonly name: string;
  readonly family:
    | 'product'
    | 'device'
    | 'group'
    | 'firmware'
    | 'module'
    | 'job'
    | 'subscription'
    | 'overview'
    | 'webhook'
    | 'audit'
    | 'quota'
    | 'access';
  readonly summary: string;
  /** What the vendor's API does not have; listed apart from what it has. */
  readonly extension?: true;
  /**
   * Prefix of the name that a RAM policy permits the operation by; `iot` if left out. What manages keys, users and
   * records has a prefix of its own, so that `iot:*` does not widen to it.
   */
  readonly service?: 'iot' | 'otaru';
  /** Documented calls per second, per account. */
  readonly qps: number;
  /**
   * Whether the operation changes anything, and then the parameters that name what it changes: a call of such an
   * operation leaves a record, which holds them. No parameter that is a secret is named here.
   */
  readonly changes: false | readonly string[];
  readonly request: Fields;
  /** What the answer holds besides RequestId and Success. */
  readonly response: Fields;
  /** What the operation itself may refuse with, beside what the gateway and every operation may. */
  readonly errors: readonly ErrorKey[];
}

/** Keeps the literal types of an entry while checking its shape. */
export const action = <const A extends ActionEntry>(entry: A) => entry;
