import type { BlobStore } from '../blob/blob-store.ts';
import type { Limits } from '../contract/limits.ts';
import type { Clock } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';
import type { Vault } from '../lib/vault.ts';
import type { Engine } from '../store/engine.ts';
import type { Figures } from './figures.ts';
import type { Policy } from './policy.ts';

/** What use cases are made of. A function names the few it needs: `Pick<Deps, 'engine' | 'clock'>`. */
export interface Deps {
  readonly engine: Engine;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly limits: Limits;
  readonly figures: Figures;
  /** Origin that clients and devices are given for uploads and downloads, without a trailing slash. */
  readonly publicUrl: string;
}

/** Whose objects a call may see: every query of the API is limited to one instance of one account. */
export interface Scope {
  readonly accountId: string;
  readonly instanceId: string;
  /** What the RAM user may do that calls; absent for the account itself. */
  readonly policy?: Policy;
}
