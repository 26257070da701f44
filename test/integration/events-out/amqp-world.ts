import { createHmac } from 'node:crypto';
import rhea, { type Connection, type EventContext, type Message, type Receiver } from 'rhea';
import { handlers } from '../../../src/actions/index.ts';
import type { ActionName, RequestOf, ResponseOf } from '../../../src/contract/index.ts';
import { type Limits, limitProfiles } from '../../../src/contract/limits.ts';
import { createAccount, type KeyPair, resolveScope } from '../../../src/domain/accounts.ts';
import { createConsumerServices } from '../../../src/domain/consumers.ts';
import type { Deps, Scope } from '../../../src/domain/deps.ts';
import { emit } from '../../../src/domain/events.ts';
import { createFigures } from '../../../src/domain/figures.ts';
import { keepNodeAlive } from '../../../src/domain/nodes.ts';
import { createSharedCounter } from '../../../src/domain/shared-counter.ts';
import { type AmqpListener, type AmqpOptions, openAmqp } from '../../../src/events-out/amqp-listener.ts';
import type { Log } from '../../../src/lib/log.ts';
import { createVault } from '../../../src/lib/vault.ts';
import { jobUpdatedEvent } from '../../../src/wire/event-messages.ts';
import { openTestBlobs } from '../../support/blobs.ts';
import type { TestDatabase } from '../../support/engines.ts';
import { countingIds } from '../../support/ids.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

export interface AmqpWorld extends AsyncDisposable {
  readonly deps: Deps;
  readonly clock: TestClock;
  readonly key: KeyPair;
  readonly scope: Scope;
  readonly productKey: string;
  /** A group that is subscribed to the jobs of the product. */
  readonly groupId: string;
  readonly port: number;
  /** Messages of the log. */
  readonly log: string[];
  limit(changes: Partial<Limits>): void;
  call<N extends ActionName>(name: N, request: RequestOf<N>): Promise<ResponseOf<N>>;
  newGroup(name: string): Promise<string>;
  /** Lets events happen; each is told by its number, as JobId. */
  happen(...numbers: number[]): Promise<void>;
  /** Says that a node lives: time that jumps leaves its own heartbeats behind. */
  heartbeat(nodeId?: string): Promise<void>;
  /** Another listener on the same database. */
  listen(nodeId: string, options?: Partial<AmqpOptions['listen']>): Promise<AmqpListener>;
  /** What a consumer of the group sends. */
  credentials(options?: { readonly groupId?: string; readonly key?: KeyPair }): { username: string; password: string };
  connect(options?: ConsumerOptions): Consumer;
  /** Drains a listener, in the time of the test. */
  drain(listener: AmqpListener): Promise<void>;
  readonly listener: AmqpListener;
}

export interface ConsumerOptions {
  readonly groupId?: string;
  readonly key?: KeyPair;
  readonly username?: string;
  readonly password?: string;
  readonly port?: number;
  readonly credit?: number;
  readonly idleTimeOut?: number;
  /** What to do with each message; accepted when nothing is said. */
  readonly decide?: (context: EventContext) => void;
  readonly connection?: object;
}

/** A stock rhea client with the settings of the vendor's Node sample (storage-and-events 3.3). */
export interface Consumer {
  readonly connection: Connection;
  readonly receiver: Receiver;
  readonly messages: Message[];
  /** JobIds of the messages, in the order of arrival. */
  readonly heard: string[];
  /** Conditions that the connection or link was refused with. */
  readonly refusals: string[];
  readonly state: { open: boolean; gone: boolean };
  close(): Promise<void>;
}

export async function openAmqpWorld(database: TestDatabase): Promise<AmqpWorld> {
  const clock = createTestClock();
  const engine = await database.open();
  const limits: Limits = { ...limitProfiles.aliyun };
  const vault = createVault(Buffer.alloc(32, 7));
  const blobs = await openTestBlobs();
  const deps: Deps = {
    engine,
    blobs,
    clock,
    ids: countingIds(),
    vault,
    limits,
    publicUrl: 'http://127.0.0.1:8080',
    figures: createFigures(clock),
  };
  const key = await createAccount(deps, 'root');
  const scope = await resolveScope(engine.read, key.accountId, undefined);
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug() {}, info: write, warn: write, error: write };
  const stack = new AsyncDisposableStack();

  const call: AmqpWorld['call'] = async (name, request) => {
    const handler = handlers[name] as unknown as (deps: Deps, scope: Scope, request: object) => Promise<never>;
    return handler(deps, scope, request);
  };
  const { ProductKey: productKey } = await call('CreateProduct', { ProductName: 'lamp', NodeType: 0 });
  const { GroupId: groupId } = await call('CreateConsumerGroup', { GroupName: 'first' });
  await call('CreateSubscribeRelation', {
    ProductKey: productKey,
    Type: 'AMQP',
    ConsumerGroupIds: [groupId],
    OtaJobFlag: true,
  });

  const listen: AmqpWorld['listen'] = async (nodeId, options) => {
    await keepNodeAlive(deps, nodeId);
    return openAmqp({
      services: createConsumerServices(deps, nodeId),
      onNudge: (listener) => engine.onNudge(listener),
      clock,
      log,
      ids: deps.ids,
      connects: createSharedCounter({ engine, clock, isAlone: () => true, windowMs: 60_000 }),
      limits,
      listen: { host: '127.0.0.1', port: 0, ...options },
    });
  };
  const listener = await listen('node-1');
  const drain: AmqpWorld['drain'] = async (some) => {
    let done = false;
    const drained = Promise.resolve(some[Symbol.asyncDispose]()).finally(() => {
      done = true;
    });
    // what a peer does not do in time is not waited for
    await until(async () => {
      await clock.advance(20);
      return done;
    }, 'the end of a listener');
    await drained;
  };
  stack.defer(() => drain(listener));
  const credentials: AmqpWorld['credentials'] = (options = {}) => {
    const { accessKeyId, accessKeySecret } = options.key ?? key;
    const timestamp = '1573489088171';
    const pairs = `authMode=aksign,signMethod=hmacsha1,timestamp=${timestamp},authId=${accessKeyId},iotInstanceId=,consumerGroupId=${options.groupId ?? groupId}`;
    const password = createHmac('sha1', accessKeySecret)
      .update(`authId=${accessKeyId}&timestamp=${timestamp}`)
      .digest('base64');
    return { username: `client-1|${pairs}|`, password };
  };

  return {
    deps,
    clock,
    key,
    scope,
    productKey,
    groupId,
    port: listener.address.port,
    log: lines,
    listener,
    limit: (changes) => void Object.assign(limits, changes),
    call,
    newGroup: async (name) => (await call('CreateConsumerGroup', { GroupName: name })).GroupId,
    async happen(...numbers) {
      await engine.transaction(async (tx) => {
        const job = (number: number) => ({ productKey, firmwareId: 'f1', jobId: String(number), module: 'default' });
        const events = numbers.map((number) => jobUpdatedEvent(job(number), 'IN_PROGRESS', clock.now()));
        await emit(tx, deps, events);
      });
    },
    heartbeat: (nodeId = 'node-1') => keepNodeAlive(deps, nodeId),
    listen,
    credentials,
    drain,
    connect({ port = listener.address.port, ...options } = {}) {
      const consumer = connectConsumer({ ...credentials(options), ...options, port });
      stack.defer(() => consumer.close());
      return consumer;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function connectConsumer(options: ConsumerOptions & { readonly port: number }): Consumer {
  const container = rhea.create_container();
  const messages: Message[] = [];
  const refusals: string[] = [];
  const heard: string[] = [];
  const state = { open: false, gone: false };
  const refused = (error: unknown) => {
    const condition = (error as { condition?: string } | undefined)?.condition;
    if (condition) refusals.push(condition);
  };
  container.on('message', (context: EventContext) => {
    const message = context.message as Message;
    messages.push(message);
    heard.push(JSON.parse(String(message.body.content)).jobId);
    options.decide?.(context);
  });
  container.on('connection_open', () => {
    state.open = true;
  });
  container.on('connection_error', ({ error, connection }: EventContext) => refused(error ?? connection.error));
  container.on('receiver_error', ({ receiver }: EventContext) => refused(receiver?.error));
  container.on('sender_error', ({ sender }: EventContext) => refused(sender?.error));
  const gone = () => {
    state.gone = true;
  };
  container.on('disconnected', gone);
  for (const event of ['connection_close', 'receiver_close', 'sender_close', 'error', 'protocol_error']) {
    container.on(event, () => {});
  }
  const connection = container.connect({
    host: '127.0.0.1',
    port: options.port,
    reconnect: false,
    idle_time_out: options.idleTimeOut ?? 60_000,
    username: options.username,
    password: options.password,
    ...options.connection,
  } as Parameters<typeof container.connect>[0]);
  const receiver = connection.open_receiver({
    ...(options.credit === undefined ? {} : { credit_window: 0 }),
    autoaccept: options.decide === undefined,
  });
  if (options.credit !== undefined) receiver.add_credit(options.credit);
  const socket = (connection as unknown as { socket?: { destroyed: boolean; destroy(): void } }).socket;
  return {
    connection,
    receiver,
    messages,
    heard,
    refusals,
    state,
    async close() {
      connection.close();
      await until(() => state.gone || connection.is_closed() || socket?.destroyed === true).catch(() => {});
      socket?.destroy();
    },
  };
}

/** Waits for an effect of real I/O. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} never came true`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
