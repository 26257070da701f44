import { CompiledQuery, createQueryId, type KyselyPlugin, type RootOperationNode } from 'kysely';
import type { Db, Engine } from '../../src/store/engine.ts';

export interface QuerySpy {
  /** The handle to query through. */
  readonly db: Db;
  /** How many statements have gone through it. */
  count(): number;
  /** The plans of the statements since the last call, a text each, as the database explains them with the values sent. */
  plans(): Promise<string[]>;
}

/** Watches the statements that go through a handle. */
export function spyOn(handle: Db, kind: 'sqlite' | 'postgres'): QuerySpy {
  const nodes: RootOperationNode[] = [];
  let explained = 0;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const explain = kind === 'sqlite' ? 'explain query plan' : 'explain';
  return {
    db: handle.withPlugin(plugin),
    count: () => nodes.length,
    async plans() {
      const plans = [];
      for (; explained < nodes.length; explained += 1) {
        const node = nodes[explained] as RootOperationNode;
        const { sql, parameters } = handle.getExecutor().compileQuery(node, createQueryId());
        const { rows } = await handle.executeQuery(CompiledQuery.raw(`${explain} ${sql}`, [...parameters]));
        const lines = (rows as Record<string, unknown>[]).map((row) => row['detail'] ?? row['QUERY PLAN']);
        plans.push(lines.join('\n'));
      }
      return plans;
    },
  };
}

export interface TransactionSpy {
  /** The engine to work with. */
  readonly engine: Engine;
  /** The statements of each transaction begun since the last call: each is a way to the database and back. */
  costs(): number[];
}

/** Watches what goes through the transactions of an engine. */
export function spyOnTransactions(engine: Engine, kind: 'sqlite' | 'postgres'): TransactionSpy {
  const spies: QuerySpy[] = [];
  return {
    engine: {
      ...engine,
      transaction: (work) =>
        engine.transaction((tx) => {
          const spy = spyOn(tx.db, kind);
          spies.push(spy);
          return work({ ...tx, db: spy.db });
        }),
    },
    costs: () => spies.splice(0).map((spy) => spy.count()),
  };
}
