import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { stopwatch } from '../lib/clock.ts';
import type { Meters } from '../lib/meters.ts';

/** Seconds. A call that reads takes a millisecond or two, a commit on a slow disk some 50. */
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** An endpoint has 15 seconds to answer. */
const WEBHOOK_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];
/** A loop that finds nothing is done in a millisecond; one that is behind takes seconds. */
const STEP_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the metrics that count what happens, and what the rooms count it with. */
export function createMeters(registry: Registry): Meters {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ) => new Histogram({ name, help, labelNames, buckets: [...buckets], registers });

  const calls = counter(
    'otaru_api_calls_total',
    'API calls answered. Watch InternalError and Throttling.User; an empty action named none that exists.',
    ['action', 'code'],
  );
  const callSeconds = histogram(
    'otaru_api_call_duration_seconds',
    'Time to answer an API call. Slow together with database transactions: look there first.',
    CALL_SECONDS,
    ['action'],
  );
  const connects = counter(
    'otaru_device_connects_total',
    'CONNECTs answered: accepted, registered, or why refused. Many credentials: wrong secrets in the field; unavailable: see the log.',
    ['result'],
  );
  const heard = counter(
    'otaru_device_messages_received_total',
    'Messages of devices. Many malformed or foreign ones point to a firmware that does not speak the protocol.',
    ['channel', 'kind'],
  );
  const said = counter(
    'otaru_device_messages_sent_total',
    'Messages to devices, without repetitions. push is a package that a device did not ask for.',
    ['kind'],
  );
  const tasks = counter(
    'otaru_task_transitions_total',
    'Tasks that came into a state. FAILED against SUCCEEDED tells how a rollout goes.',
    ['status'],
  );
  const transactions = histogram(
    'otaru_database_transaction_duration_seconds',
    'Time of a transaction from asking for it to its durable commit. The first thing to rise when the disk or the database is slow.',
    CALL_SECONDS,
    ['outcome'],
  );
  const turnedAway = counter(
    'otaru_load_refused_total',
    'Refused because too much waits: calls (ServiceUnavailable), devices (CONNACK 3, busy), bodies. Above 0: the database is too slow for what is asked.',
    ['kind'],
  );
  const webhooks = histogram(
    'otaru_webhook_attempt_duration_seconds',
    'Attempts to deliver an event to a webhook: done, due (again later), dead (given up), lost (another node had it).',
    WEBHOOK_SECONDS,
    ['outcome'],
  );
  const steps = histogram(
    'otaru_scheduler_step_duration_seconds',
    'Rounds of the scheduler loops, and steps of jobs. Failed ones are in the log and are tried again.',
    STEP_SECONDS,
    ['loop', 'outcome'],
  );
  const downloads = counter(
    'otaru_download_requests_total',
    'Requests for files over HTTP. broken: the client left before the end and will ask for the rest; passed: nginx sends the file.',
    ['outcome'],
  );
  const active = new Set<() => void>();
  new Gauge({
    name: 'otaru_downloads_active',
    help: 'Files being sent over HTTP now. Many for long: slow devices, or a line that is full.',
    registers,
    collect() {
      this.set(active.size);
    },
  });
  const downloadBytes = new Counter({
    name: 'otaru_download_bytes_total',
    help: 'Bytes of files sent, with what wraps them, over HTTP and in blocks over MQTT. Compare with the line that you have.',
    labelNames: ['channel'],
    registers,
    // what long downloads have sent is asked for when somebody wants to know, so that sending costs nothing more
    collect() {
      for (const tell of active) tell();
    },
  });

  return {
    call() {
      const seconds = stopwatch();
      return (action, code) => {
        calls.inc({ action, code });
        callSeconds.observe({ action }, seconds());
      };
    },
    transaction() {
      const seconds = stopwatch();
      return (outcome) => transactions.observe({ outcome }, seconds());
    },
    tasks: (status, count) => tasks.inc({ status }, count),
    outcome: () => {},
    connect: (result) => connects.inc({ result }),
    heard: (channel, kind) => heard.inc({ channel, kind }),
    said(kind, bytes) {
      said.inc({ kind });
      if (kind === 'block') downloadBytes.inc({ channel: 'mqtt' }, bytes);
    },
    download() {
      let tell: (() => void) | undefined;
      return {
        begin(sent) {
          let told = 0;
          tell = () => {
            const now = sent();
            if (now > told) downloadBytes.inc({ channel: 'http' }, now - told);
            told = Math.max(told, now);
          };
          active.add(tell);
        },
        end(outcome) {
          downloads.inc({ outcome });
          if (!tell) return;
          tell();
          active.delete(tell);
        },
      };
    },
    webhookAttempt() {
      const seconds = stopwatch();
      return (outcome) => webhooks.observe({ outcome }, seconds());
    },
    turnedAway: (kind) => turnedAway.inc({ kind }),
    step(loop) {
      const seconds = stopwatch();
      return (outcome) => steps.observe({ loop, outcome }, seconds());
    },
  };
}
