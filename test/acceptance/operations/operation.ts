/** Parameters and answers under the names of the wire. */
export type Tree = Readonly<Record<string, unknown>>;

/** V3: the current SDK. V1: the older core. */
export type Via = 'v1' | 'v3';

/** What the operations before have left behind. */
export interface World {
  /** Ids by a name of the table's own, for the objects that each of the SDKs has made for itself. */
  readonly v1: Record<string, string>;
  readonly v3: Record<string, string>;
  /** A call on the side, to set something up; fails the test if it is refused. */
  call(action: string, parameters: Tree): Promise<Tree>;
  /** @returns the address of an uploaded file */
  upload(): Promise<string>;
  /** Registers a device in the product that is shared. @returns its IotId */
  device(name: string): Promise<string>;
}

/** One operation as both SDKs call it: once with success, once refused. */
export interface Operation {
  readonly action: string;
  /** Parameters of the call that succeeds; each SDK changes objects of its own. */
  good(world: World, via: Via): Tree | Promise<Tree>;
  /**
   * Whether both get the very same answer. Otherwise the answers have the same members of the same types, because they
   * tell of different objects, or a signature of the moment.
   */
  readonly same?: boolean;
  /** Members of the answer for which the current SDK has none. */
  readonly unseen?: readonly string[];
  /** Remembers what comes later is about. */
  keep?(answer: Tree): Readonly<Record<string, string>>;
  refused(world: World): Tree;
  /** What it is refused with. */
  readonly code: string;
}

export const page = { CurrentPage: 1, PageSize: 10 };
export const UNKNOWN_PRODUCT = 'a1Unknown01';

/** A text deep in an answer. */
export function textAt(answer: Tree, ...path: readonly (string | number)[]): string {
  let value: unknown = answer;
  for (const step of path) value = (value as Record<string | number, unknown>)[step];
  return String(value);
}
