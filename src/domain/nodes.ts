import {
  deadNodes,
  lockFreeNodeLease,
  lockNodeLease,
  releaseLeasesOf,
  renewNodeLease,
} from '../store/queries/nodes.ts';
import { presenceOfNode } from '../store/queries/presence.ts';
import type { Deps } from './deps.ts';
import { endConnections } from './presence.ts';

/** A node that does not renew its lease for this long is dead: its devices are offline, its leases are free. */
export const NODE_LEASE_MS = 12_000;
/** How often a node renews its lease. */
export const HEARTBEAT_MS = NODE_LEASE_MS / 3;

/** What nodes that were held up together get to renew their leases, before one of them buries another. */
const GRACE_MS = HEARTBEAT_MS * 2;
/** Connections buried in one transaction. */
const BURIED_AT_ONCE = 500;

type NodeDeps = Pick<Deps, 'engine' | 'clock' | 'ids'>;

/** Says that a node lives, from here on for {@link NODE_LEASE_MS}. */
export async function keepNodeAlive({ engine, clock }: Pick<Deps, 'engine' | 'clock'>, nodeId: string): Promise<void> {
  await engine.transaction((tx) => renewNodeLease(tx.db, nodeId, clock.now() + NODE_LEASE_MS));
}

/** Says that a node is gone. Connections whose end it could not record are left to whoever buries it. */
export async function endNode({ engine, clock }: Pick<Deps, 'engine' | 'clock'>, nodeId: string): Promise<void> {
  await engine.transaction((tx) => renewNodeLease(tx.db, nodeId, clock.now()));
}

/** This node among the others that share the database. */
export interface NodeLife {
  /** Says that this node lives; to be called every {@link HEARTBEAT_MS}. */
  renew(): Promise<void>;
  /** As {@link buryDeadNodes}, unless this node was held up just now. */
  buryOthers(): Promise<void>;
  end(): Promise<void>;
}

/** Enters a node among the others. */
export async function beginNode(deps: NodeDeps, nodeId: string): Promise<NodeLife> {
  const { engine, clock } = deps;
  let buriesFrom = 0;
  await keepNodeAlive(deps, nodeId);
  return {
    async renew() {
      const lapsed = await engine.transaction(async (tx) => {
        // waits for whoever buries this node at the moment
        const until = await lockNodeLease(tx, nodeId);
        const now = clock.now();
        await renewNodeLease(tx.db, nodeId, now + NODE_LEASE_MS);
        if (until !== undefined && until > now) return false;
        tx.nudge({ kind: 'lapsed', nodeId });
        return true;
      });
      if (lapsed) buriesFrom = clock.now() + GRACE_MS;
    },
    async buryOthers() {
      if (clock.now() >= buriesFrom) await buryDeadNodes(deps, nodeId);
    },
    end: () => endNode(deps, nodeId),
  };
}

/**
 * Ends the connections and the leases of nodes that have died.
 * @param self the node that does it. While its own lease has run out, it leaves the others alone: it cannot tell the dead
 * from those that were held up with it, as by a database that was away
 */
export async function buryDeadNodes(deps: NodeDeps, self?: string): Promise<void> {
  const dead = await deadNodes(deps.engine.read, deps.clock.now());
  if (self !== undefined && dead.includes(self)) return;
  for (const nodeId of dead) while (await buryNode(deps, nodeId));
}

/** @returns true when the node had more connections than fit in one transaction */
async function buryNode(deps: NodeDeps, nodeId: string): Promise<boolean> {
  return deps.engine.transaction(async (tx) => {
    const until = await lockFreeNodeLease(tx, nodeId);
    // it may have been buried, or be buried by another at the moment, or have come back, since it was found dead
    if (until === undefined || until > deps.clock.now()) return false;
    const connections = await presenceOfNode(tx.db, nodeId, BURIED_AT_ONCE);
    const ended = connections.map((connection) => ({ ...connection, reason: 'NODE_LOST' as const }));
    await endConnections(tx, deps, nodeId, ended);
    const more = connections.length === BURIED_AT_ONCE;
    if (!more) await releaseLeasesOf(tx.db, nodeId);
    return more;
  });
}
