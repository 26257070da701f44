/** Pieces of work in one transaction: more gain next to nothing, and its rows stay locked for so long. */
const MOST_AT_ONCE = 500;
/** Transactions under way: while one waits for the disk the next one is prepared. */
const BATCHES_AT_ONCE = 2;

export interface LaneOptions<Item, Result> {
  /** Of items of one key there is one in a batch, and they are done in the order in which they came. */
  readonly keyOf: (item: Item) => string;
  /** Does the work in one transaction. Answers undefined for an item that has to be done by itself. */
  readonly work: (items: readonly Item[]) => Promise<readonly (Result | undefined)[]>;
}

interface Waiting<Item, Result> extends PromiseWithResolvers<Result> {
  readonly item: Item;
}

/**
 * Lets work of one kind that comes from many devices share transactions (measured-limits 1c: batches take four to eight
 * times as many changes a second as a transaction for each). What comes while other work is under way waits for the next
 * batch; what comes alone waits for nobody. If a batch fails, each of its items is tried by itself, so that only what
 * cannot be done is refused.
 * @returns what takes an item; resolves after the commit
 */
export function createLane<Item, Result>({ keyOf, work }: LaneOptions<Item, Result>) {
  let waiting: Waiting<Item, Result>[] = [];
  /** Keys of items that are being worked on. */
  const busy = new Set<string>();
  let batches = 0;
  let called = false;

  /** The longest waiting, one of each key. */
  const take = () => {
    const batch: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    let seen = 0;
    for (const one of waiting) {
      if (batch.length === MOST_AT_ONCE) break;
      seen += 1;
      const key = keyOf(one.item);
      if (busy.has(key)) {
        left.push(one);
      } else {
        batch.push(one);
        busy.add(key);
      }
    }
    waiting = left.concat(waiting.slice(seen));
    return batch;
  };

  const doAlone = async ({ item, resolve, reject }: Waiting<Item, Result>) => {
    try {
      const [result] = await work([item]);
      resolve(result as Result);
    } catch (error) {
      reject(error);
    }
    busy.delete(keyOf(item));
    call();
  };

  const doTogether = async (batch: readonly Waiting<Item, Result>[]) => {
    const results = await work(batch.map(({ item }) => item)).catch(() => []);
    for (const [index, one] of batch.entries()) {
      const result = results[index];
      if (result === undefined) {
        void doAlone(one);
        continue;
      }
      busy.delete(keyOf(one.item));
      one.resolve(result);
    }
  };

  const run = async () => {
    batches += 1;
    for (let batch = take(); batch.length > 0; batch = take()) {
      const [only] = batch;
      await (batch.length === 1 && only ? doAlone(only) : doTogether(batch));
    }
    batches -= 1;
  };

  /** What other connections bring in this moment comes along. */
  const call = () => {
    if (called || waiting.length === 0 || batches === BATCHES_AT_ONCE) return;
    called = true;
    setImmediate(() => {
      called = false;
      if (batches < BATCHES_AT_ONCE) void run();
    });
  };

  return (item: Item): Promise<Result> => {
    const one = { item, ...Promise.withResolvers<Result>() };
    waiting.push(one);
    call();
    return one.promise;
  };
}
