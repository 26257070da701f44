import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type {
  SqliteAnswer,
  SqliteEnvelope,
  SqliteOrder,
  SqliteRequest,
  SqliteResult,
  SqliteWorkerOptions,
} from './sqlite-protocol.ts';

/** The main thread's end of a SQLite worker. */
export interface SqliteThread {
  /** Rejects with a {@link SqliteFailure}, or with the reason why the thread has ended. */
  ask(request: SqliteRequest): Promise<SqliteResult>;
  /** Gives an order that has no answer of its own. */
  order(order: SqliteOrder): void;
  /** Closes the database after everything asked so far, and waits for the thread to end. */
  close(): Promise<void>;
}

/** An error of SQLite, with its extended result code such as `SQLITE_CONSTRAINT_UNIQUE`. */
export class SqliteFailure extends Error {
  override readonly name = 'SqliteFailure';
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** Requests that go to the worker without waiting for more of them. */
const MOST_TOGETHER = 32;

/**
 * Starts a worker and resolves once its database is open.
 *
 * A message that wakes another thread costs some 50 us of the event loop, more than most queries cost the worker. So what is
 * asked while the loop works through its events goes out in one message after them.
 */
export async function startSqliteThread(options: SqliteWorkerOptions): Promise<SqliteThread> {
  // The worker stands beside this file, as .ts in development and as .js in the package.
  const script = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(script, { workerData: options, name: `sqlite-${options.role}` });
  const waiting = new Map<number, PromiseWithResolvers<SqliteResult>>();
  const ended = Promise.withResolvers<void>();
  let outgoing: SqliteEnvelope[] = [];
  let lastId = 0;
  let dead: Error | undefined;

  const expect = (id: number) => {
    const answer = Promise.withResolvers<SqliteResult>();
    waiting.set(id, answer);
    return answer.promise;
  };
  const flush = () => {
    const envelopes = outgoing;
    outgoing = [];
    if (envelopes.length === 0 || dead) return;
    try {
      worker.postMessage(envelopes);
    } catch {
      envelopes.forEach(sendAlone);
    }
  };
  /** A parameter that cannot be copied to another thread, such as a function, spoils its own request only. */
  const sendAlone = (envelope: SqliteEnvelope) => {
    try {
      worker.postMessage([envelope]);
    } catch (error) {
      waiting.get(envelope.id)?.reject(error);
      waiting.delete(envelope.id);
    }
  };
  const send = (id: number, body: SqliteEnvelope['body']) => {
    outgoing.push({ id, body });
    if (outgoing.length === 1) setImmediate(flush);
    else if (outgoing.length >= MOST_TOGETHER) flush();
  };
  const end = (error: Error) => {
    dead ??= error;
    for (const answer of waiting.values()) answer.reject(dead);
    waiting.clear();
  };

  worker.on('message', (messages: readonly SqliteAnswer[]) => {
    for (const message of messages) {
      const answer = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) answer?.reject(new SqliteFailure(message.error.message, message.error.code));
      else answer?.resolve(message.result);
    }
  });
  worker.on('error', (error: Error) => {
    end(new Error(`the database thread has failed: ${error.message}`, { cause: error }));
  });
  worker.on('exit', () => {
    end(new Error('the database is closed'));
    ended.resolve();
  });

  await expect(0);
  const ask = (request: SqliteRequest) => {
    if (dead) return Promise.reject(dead);
    lastId += 1;
    const answer = expect(lastId);
    send(lastId, request);
    return answer;
  };
  return {
    ask,
    order(order) {
      if (!dead) send(0, order);
    },
    async close() {
      if (!dead) await ask({ op: 'close' });
      await ended.promise;
    },
  };
}
