import { every } from '../lib/clock.ts';
import { hasOtherNodes } from '../store/queries/nodes.ts';
import type { Deps } from './deps.ts';
import { endNode, keepNodeAlive } from './nodes.ts';

const LOOK_MS = 1_000;
/** For how long a node believes what it saw. */
const BELIEF_MS = 1_500;
/** Longer than others take to find out, and then to end the second that they are in. */
const ENTRY_MS = BELIEF_MS + 1_000;
/** The longest window of a limit, a minute, and what a node that has said goodbye may still serve. */
const ALONE_AFTER_MS = 75_000;

export interface Neighbours extends AsyncDisposable {
  /** True when no other node has been there for a while, and none can be in the middle of coming. */
  isAlone(): boolean;
}

/**
 * Enters a node among those that share the database. Beside others it resolves only when they all know: whoever serves
 * after that is seen by everybody. Disposing leaves; that is the last thing a node does. On a database of its own a node
 * has no neighbours.
 */
export async function joinNeighbours(deps: Pick<Deps, 'engine' | 'clock'>, nodeId: string): Promise<Neighbours> {
  const { engine, clock } = deps;
  if (!engine.isShared) return { isAlone: () => true, [Symbol.asyncDispose]: async () => {} };
  let seenAt = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const look = async () => {
    const now = clock.now();
    if (await hasOtherNodes(engine.read, nodeId, now)) seenAt = now;
    lookedAt = now;
  };
  await keepNodeAlive(deps, nodeId);
  await look();
  // one that could not look is not alone
  const looking = every(clock, LOOK_MS, () => look().catch(() => {}));
  if (seenAt === lookedAt) await new Promise<void>((resolve) => clock.after(ENTRY_MS, resolve));
  return {
    isAlone() {
      const now = clock.now();
      return now - lookedAt < BELIEF_MS && now - seenAt >= ALONE_AFTER_MS;
    },
    async [Symbol.asyncDispose]() {
      await looking[Symbol.asyncDispose]();
      await endNode(deps, nodeId);
    },
  };
}
