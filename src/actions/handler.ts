import type { ActionName, RequestOf, ResponseOf } from '../contract/index.ts';
import type { Deps, Scope } from '../domain/deps.ts';

/** One operation: coerced parameters in, the members of the answer out; refuses by throwing a Failure. */
export type Handler<N extends ActionName> = (deps: Deps, scope: Scope, request: RequestOf<N>) => Promise<ResponseOf<N>>;
