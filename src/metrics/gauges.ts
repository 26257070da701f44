import { Counter, Gauge, type Registry } from 'prom-client';
import { type Backlog, consumerKinds } from '../domain/backlog.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { TurnstileLoad } from '../lib/turnstile.ts';
import type { EngineStats } from '../store/engine.ts';
import { type EventLoopDelay, watchEventLoop } from './process.ts';

/** How things are now, to be asked when somebody wants to know. */
export interface MetricSources {
  readonly database: () => EngineStats;
  readonly devices: () => { readonly connections: number; readonly devices: number; readonly subDevices: number };
  /** Open connections of consumers over AMQP. */
  readonly consumers: () => number;
  /** What waits for the database; `paused`: connections that are not read meanwhile. */
  readonly load: () => {
    readonly calls: TurnstileLoad;
    readonly devices: TurnstileLoad;
    readonly reports: TurnstileLoad;
    readonly paused: number;
  };
  /** Reads the database; rejects when that fails. */
  readonly backlog: () => Promise<Backlog>;
}

/** What costs something is asked for no more often than this, whoever scrapes. */
export const FRESH_MS = 10_000;
/** A scrape does not wait longer for a database that does not answer. */
const PATIENCE_MS = 2_000;

export interface Gauges extends Disposable {
  /** Brings all values up to date. Never rejects. */
  refresh(): Promise<void>;
}

/** Makes the metrics that tell how things are. */
export function createGauges(
  registry: Registry,
  sources: MetricSources,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Gauges {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  /** A total that somebody else keeps. */
  const total = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });

  const connections = gauge(
    'otaru_device_connections',
    'Open connections on the device port, devices that are not logged in yet included. The limit of open files bounds it.',
  );
  const devices = gauge('otaru_devices_connected', 'Devices connected to this node. A sudden fall: network or node.');
  const subDevices = gauge('otaru_sub_devices_connected', 'Sub-devices logged in through gateways of this node.');
  const consumers = gauge(
    'otaru_amqp_connections',
    'Connections of consumers of events over AMQP on this node. 0 while otaru_outbox_waiting rises: nobody consumes.',
  );

  total(
    'otaru_database_transactions_total',
    'Transactions that became durable.',
    () => sources.database().transactions,
  );
  total(
    'otaru_database_commits_total',
    'Commits that made them so. Fewer than transactions where concurrent ones share a commit.',
    () => sources.database().commits,
  );
  total(
    'otaru_database_retries_total',
    'Transactions run again after a deadlock or serialisation failure. A few are harmless.',
    () => sources.database().retries,
  );
  const transactions = gauge(
    'otaru_database_transactions_active',
    'Transactions under way or waiting. When it stays high, the database does not keep up.',
  );

  const underWay = gauge('otaru_load_under_way', 'Calls, requests and messages that the database is working on.', [
    'kind',
  ]);
  const queued = gauge(
    'otaru_load_waiting',
    'Those that wait for their turn: calls of the API, requests and logins of devices, messages of connected devices.',
    ['kind'],
  );
  const wait = gauge(
    'otaru_load_oldest_wait_seconds',
    'For how long the first of them has waited. Calls near OTARU_CALLS_PATIENCE: the next ones are refused.',
    ['kind'],
  );
  const paused = gauge(
    'otaru_device_connections_paused',
    'Connections that are not read for now, since their messages wait to be stored. Many: the database is slow; a few: these devices flood.',
  );

  const taskAge = gauge(
    'otaru_oldest_due_task_age_seconds',
    'For how long the oldest timeout or retry of a task has been due. Over a minute: the schedulers do not keep up.',
  );
  const jobAge = gauge(
    'otaru_oldest_due_job_age_seconds',
    'For how long a job has been due for a step, or for calling more devices. Over a minute: the schedulers do not keep up.',
  );
  const waiting = gauge(
    'otaru_outbox_waiting',
    'Events still to be delivered, those included that wait for another attempt or a webhook that is off; counted up to 10,000.',
    ['consumer'],
  );
  const outboxAge = gauge(
    'otaru_outbox_oldest_due_age_seconds',
    'For how long the oldest event has been due, without webhooks that are off or asked for a pause. Rising: receivers are too slow, or nobody consumes.',
    ['consumer'],
  );
  const failures = new Counter({
    name: 'otaru_backlog_failures_total',
    help: 'Scrapes for which the database did not answer in time; the ages and otaru_outbox_waiting are NaN then.',
    registers,
  });

  total('process_cpu_seconds_total', 'Processor time of this process, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  const startTime = gauge('process_start_time_seconds', 'Start of this process, in seconds since 1970.');
  startTime.set(Math.round(clock.now() / 1_000 - process.uptime()));
  const resident = gauge('process_resident_memory_bytes', 'Memory of this process as the system counts it.');
  const heap = gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use. Rising for days: report it.');
  const external = gauge('nodejs_external_memory_bytes', 'Memory outside the heap: buffers of connections and files.');
  const lag = {
    p50: gauge('nodejs_eventloop_lag_p50_seconds', 'Median delay of the event loop in the last 10 s or more.'),
    p99: gauge(
      'nodejs_eventloop_lag_p99_seconds',
      'Delay of the event loop that 1 in 100 looks exceed. Over 0.05: this node has too much to do.',
    ),
    max: gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop in that time.'),
  };

  const eventLoop = watchEventLoop();
  let delay: EventLoopDelay | undefined;
  let delayAt = 0;
  const showDelay = (now: number) => {
    // two who scrape see the same, and neither takes the other's away
    if (!delay || now - delayAt >= FRESH_MS) {
      delay = eventLoop.take();
      delayAt = now;
    }
    lag.p50.set(delay.p50);
    lag.p99.set(delay.p99);
    lag.max.set(delay.max);
  };

  const recentBacklog = remember(sources.backlog, clock, (err) =>
    log.warn({ err }, 'could not read what is due for the metrics'),
  );
  const showBacklog = (backlog: Backlog | undefined) => {
    if (!backlog) failures.inc();
    const seconds = (ms: number | undefined) => (ms === undefined ? Number.NaN : ms / 1_000);
    taskAge.set(seconds(backlog?.oldestTaskMs));
    jobAge.set(seconds(backlog?.oldestJobMs));
    for (const consumer of consumerKinds) {
      const events = backlog?.events[consumer];
      waiting.set({ consumer }, events?.waiting ?? Number.NaN);
      outboxAge.set({ consumer }, seconds(events?.oldestMs));
    }
  };

  return {
    async refresh() {
      const load = sources.devices();
      connections.set(load.connections);
      devices.set(load.devices);
      subDevices.set(load.subDevices);
      consumers.set(sources.consumers());
      transactions.set(sources.database().active);
      const { paused: unread, ...loads } = sources.load();
      for (const [kind, one] of Object.entries(loads)) {
        underWay.set({ kind }, one.underWay);
        queued.set({ kind }, one.waiting);
        wait.set({ kind }, one.oldestMs / 1_000);
      }
      paused.set(unread);
      const memory = process.memoryUsage();
      resident.set(memory.rss);
      heap.set(memory.heapUsed);
      external.set(memory.external);
      showDelay(clock.now());
      showBacklog(await recentBacklog());
    },
    [Symbol.dispose]: () => eventLoop[Symbol.dispose](),
  };
}

/**
 * The answer of `ask`, not older than {@link FRESH_MS}. One question is under way at a time; who has waited for
 * {@link PATIENCE_MS} gets nothing.
 */
function remember<T>(ask: () => Promise<T>, clock: Clock, onFault: (error: unknown) => void) {
  let value: T | undefined;
  let at = Number.NEGATIVE_INFINITY;
  let asking: Promise<T | undefined> | undefined;
  return async (): Promise<T | undefined> => {
    if (clock.now() - at < FRESH_MS) return value;
    asking ??= ask()
      .then((answer) => {
        value = answer;
        at = clock.now();
        return answer;
      })
      .catch((error) => void onFault(error))
      .finally(() => {
        asking = undefined;
      });
    const late = Promise.withResolvers<undefined>();
    using _timer = clock.after(PATIENCE_MS, () => late.resolve(undefined));
    // awaited here: the timer has to live as long
    return await Promise.race([asking, late.promise]);
  };
}
