import type { ObjectErrorKey } from '../contract/object-storage.ts';

/** A refused upload or download. Code, status and text live in `contract/object-storage.ts`. */
export class ObjectRefusal extends Error {
  readonly key: ObjectErrorKey;
  /** Fills `{Detail}` in the catalogue's text. */
  readonly detail: string;

  constructor(key: ObjectErrorKey, detail = '') {
    super(key);
    this.name = 'ObjectRefusal';
    this.key = key;
    this.detail = detail;
  }
}
