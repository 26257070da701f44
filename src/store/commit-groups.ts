import type { Clock } from '../lib/clock.ts';
import type { SqliteThread } from './sqlite-thread.ts';

const GROUP_SIZE = 64;
const GROUP_MS = 10;

/** The right of one transaction to write, alone, until it leaves. */
export interface Turn {
  /** Ends the turn, undoing it unless `keep`. Resolves when the commit that it shares is durable. */
  leave(keep: boolean): Promise<void>;
}

export interface CommitGroups {
  /**
   * Waits until it is this transaction's turn. Rejects when the database stays locked by another process.
   * @param ahead of all that wait, but for those that are ahead already
   */
  enter(ahead?: boolean): Promise<Turn>;
  /** Commits that made at least one transaction durable. */
  commits(): number;
}

interface Member {
  readonly start: (turn: Turn) => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Group commit: SQLite has one writer, so transactions stand in a queue and run one after another,
 * each in a savepoint of its own, and all that could run within {@link GROUP_MS} share one COMMIT, which
 * means one wait for the disk. A later one sees the rows of the earlier ones. If the COMMIT
 * fails, all of them fail.
 */
export function createCommitGroups(thread: SqliteThread, clock: Clock): CommitGroups {
  const first: Member[] = [];
  const queue: Member[] = [];
  let draining = false;
  let commits = 0;

  async function runTurn(member: Member, durable: Promise<void>): Promise<boolean> {
    const over = Promise.withResolvers<boolean>();
    thread.order({ op: 'savepoint' });
    member.start({
      leave(keep) {
        thread.order({ op: keep ? 'release' : 'undo' });
        over.resolve(keep);
        return keep ? durable : Promise.resolve();
      },
    });
    return over.promise;
  }

  async function runGroup(): Promise<void> {
    try {
      await thread.ask({ op: 'begin' });
    } catch (error) {
      // They have all waited for the same lock; another round would only double the patience.
      for (const member of [...first.splice(0), ...queue.splice(0)]) member.refuse(error);
      return;
    }
    const durable = Promise.withResolvers<void>();
    durable.promise.catch(() => {}); // no one listens when every member was undone
    const deadline = clock.now() + GROUP_MS;
    let kept = 0;
    for (let size = 0; size < GROUP_SIZE && (size === 0 || clock.now() < deadline); size += 1) {
      const member = first.shift() ?? queue.shift();
      if (!member) break;
      if (await runTurn(member, durable.promise)) kept += 1;
    }
    try {
      await thread.ask({ op: 'commit' });
      if (kept > 0) commits += 1;
      durable.resolve();
    } catch (error) {
      durable.reject(error);
    }
  }

  async function drain(): Promise<void> {
    draining = true;
    while (first.length > 0 || queue.length > 0) await runGroup();
    draining = false;
  }

  return {
    enter(ahead = false) {
      const turn = Promise.withResolvers<Turn>();
      (ahead ? first : queue).push({ start: turn.resolve, refuse: turn.reject });
      if (!draining) void drain();
      return turn.promise;
    },
    commits: () => commits,
  };
}
