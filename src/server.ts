import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openBlobStore } from './blob/open-blob-store.ts';
import type { Address, Config } from './config/env.ts';
import { ensureRootAccount, type KeyPair } from './domain/accounts.ts';
import { readBacklog } from './domain/backlog.ts';
import { createConsumerServices } from './domain/consumers.ts';
import { createCounter, unlimited } from './domain/counter.ts';
import { createDeviceServices } from './domain/create-device-services.ts';
import { createFailedAttempts } from './domain/failed-attempts.ts';
import { createFigures } from './domain/figures.ts';
import { createTransitions, writeHistory } from './domain/history.ts';
import { joinNeighbours } from './domain/neighbours.ts';
import { createSharedCounter, uncounted } from './domain/shared-counter.ts';
import { createSignInWatch } from './domain/sign-in-watch.ts';
import { openAmqp } from './events-out/amqp-listener.ts';
import { createWebhookSender } from './events-out/webhook-sender.ts';
import { startWebhooks } from './events-out/webhooks.ts';
import type { DevicesAt } from './http/console-session.ts';
import { createReadiness } from './http/readiness.ts';
import { openHttp } from './http/server.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import { noMeters } from './lib/meters.ts';
import { createTurnstile } from './lib/turnstile.ts';
import { createMetrics } from './metrics/metrics.ts';
import { openGateway } from './mqtt/gateway.ts';
import { openStore } from './open-store.ts';
import { startScheduler } from './scheduler/scheduler.ts';
import { readMeta } from './store/queries/meta.ts';

export interface Server extends AsyncDisposable {
  /** Origin of the HTTP port on this machine. */
  readonly http: string;
  /** Address of the device port on this machine. */
  readonly mqtt: string;
  /** Address of the port for consumers of events on this machine, when there is one. */
  readonly amqp: string | undefined;
  /** Where metrics can be read on this machine, if anywhere. */
  readonly metrics: string | undefined;
  /** What clients and devices are given. */
  readonly publicUrl: string;
  /** Where people find the console, if anywhere. */
  readonly console: string | undefined;
  /** The root account's first key, when this start made it. */
  readonly rootKey: KeyPair | undefined;
}

/** The built console is found from here whether this file runs from the sources or was compiled. */
const CONSOLE_FOLDER = fileURLToPath(new URL('../dist/console', import.meta.url));

/** Bytes of requests that may wait for the database, by the calls of the API and by those of devices. */
const MOST_BYTES_WAITING = 64 * 1_048_576;

const endless = {
  waiting: Number.POSITIVE_INFINITY,
  patienceMs: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
};

/**
 * Starts everything: the composition root, the one place that knows every room.
 * Disposing drains: no new work, running transactions end, connections close.
 * @throws Error with a sentence for the operator
 */
export async function startServer(
  config: Config,
  { log, clock, checkAnswers = false }: { readonly log: Log; readonly clock?: Clock; readonly checkAnswers?: boolean },
): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const metrics = config.metrics && createMetrics();
  const transitions = createTransitions(clock ?? systemClock);
  const meters = { ...(metrics?.meters ?? noMeters), outcome: transitions.count };
  const store = stack.use(await openStore(config, { log, meters, ...(clock ? { clock } : {}) }));
  const { engine, ids } = store;
  const rootKey = await ensureRootAccount(store, config.rootKey);
  const blobs = stack.use(await openBlobStore(config.blobs, config.s3));
  const nodeId = ids.id();
  // the last of what is committed, when nothing more is
  stack.defer(() =>
    writeHistory(store, transitions, nodeId).catch((err) =>
      log.warn({ err }, 'the last counts of the history are lost'),
    ),
  );
  const neighbours = store.limits.quotas ? stack.use(await joinNeighbours(store, nodeId)) : undefined;
  const isAlone = () => neighbours?.isAlone() ?? true;
  const tls = config.tls && {
    cert: await readFile(config.tls.cert, 'utf8'),
    key: await readFile(config.tls.key, 'utf8'),
  };

  const { calls: callBounds, devices: deviceBounds, reports: reportBounds } = config.load;
  const { clock: time } = store;
  const bytes = MOST_BYTES_WAITING;
  const calls = createTurnstile({ ...callBounds, bytes }, time, () => meters.turnedAway('calls'));
  const devices = createTurnstile({ ...deviceBounds, bytes }, time, () => meters.turnedAway('devices'));
  // what connected devices said is never turned away: their connections are not read while too much waits
  const reports = createTurnstile({ atOnce: reportBounds.atOnce, ...endless }, time);

  const deps = {
    ...store,
    publicUrl: config.publicUrl ?? '',
    figures: createFigures(store.clock),
    quota: store.limits.quotas ? createSharedCounter({ ...store, isAlone, windowMs: 1_000 }) : uncounted,
    attempts: createFailedAttempts(store.clock, store.limits.failedAttemptsPerMinute),
    deviceRate: store.limits.quotas ? createCounter(store.clock) : unlimited,
    log,
    meters,
    checkAnswers,
    blobs,
    trustedProxies: config.trustedProxies,
    accelPath: config.accelPath,
    auditDays: config.auditDays,
    signIns: createSignInWatch(store.clock),
    consoleFolder: config.console ? CONSOLE_FOLDER : undefined,
    devicesAt: undefined as DevicesAt | undefined,
    calls,
    devices,
    checkReady: createReadiness({
      ask: () => readMeta(engine.read, 'master-key'),
      isBehind: () => calls.load().behind,
      clock: time,
    }),
  };
  const http = stack.use(
    await openHttp(deps, config.http).catch((error) => explainListen(error, 'OTARU_HTTP', config.http)),
  );
  // with port 0 the origin is known only now; no client knows the port any earlier
  deps.publicUrl ||= origin(http.address);
  stack.use(await startScheduler({ ...deps, nodeId, transitions }));
  const send = createWebhookSender({ clock: store.clock, allow: config.webhookAllow });
  stack.use(await startWebhooks({ ...store, log, meters, send }));
  const gateway = stack.use(
    await openGateway({
      services: createDeviceServices(deps, nodeId),
      onNudge: (listener) => engine.onNudge(listener),
      clock: store.clock,
      log,
      meters,
      ids,
      devices,
      reports,
      limits: { allWaitingReports: reportBounds.waiting },
      listen: { ...config.mqtt, tls, proxies: config.proxyProtocol },
    }).catch((error) => explainListen(error, 'OTARU_MQTT', config.mqtt)),
  );
  deps.devicesAt = {
    // without an origin that somebody has told, its host is that of loopback
    host: config.publicMqtt?.host ?? (config.publicUrl && new URL(config.publicUrl).hostname),
    port: config.publicMqtt?.port ?? gateway.address.port,
    tls: tls !== undefined,
  };
  const amqp =
    config.amqp &&
    stack.use(
      await openAmqp({
        services: createConsumerServices(deps, nodeId),
        onNudge: (listener) => engine.onNudge(listener),
        clock: store.clock,
        log,
        ids,
        connects: createSharedCounter({ ...store, isAlone, windowMs: 60_000 }),
        limits: store.limits,
        listen: { ...config.amqp, tls, proxies: config.proxyProtocol },
      }).catch((error) => explainListen(error, 'OTARU_AMQP', config.amqp as Address)),
    );

  const metricsServer =
    metrics &&
    stack.use(
      await metrics
        .open({
          listen: config.metrics,
          sources: {
            database: () => engine.stats(),
            devices: () => gateway.load(),
            consumers: () => amqp?.connectionCount ?? 0,
            load() {
              const { waitingReports, paused } = gateway.load();
              const waiting = { ...reports.load(), waiting: waitingReports };
              return { calls: calls.load(), devices: devices.load(), reports: waiting, paused };
            },
            backlog: () => readBacklog(deps),
          },
          clock: store.clock,
          log,
        })
        .catch((error) => explainListen(error, 'OTARU_METRICS', config.metrics as Address)),
    );

  const running = stack.move();
  return {
    http: origin(http.address),
    mqtt: `mqtt://${authority(gateway.address)}`,
    amqp: amqp && `${tls ? 'amqps' : 'amqp'}://${authority(amqp.address)}`,
    metrics: metricsServer && `${origin(metricsServer.address)}/metrics`,
    publicUrl: deps.publicUrl,
    console: config.console ? `${deps.publicUrl}/console/` : undefined,
    rootKey,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const authority = ({ host, port }: Address) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A wildcard address is no address to call; on this machine loopback is. */
function origin(address: Address): string {
  const host = address.host === '0.0.0.0' || address.host === '::' ? '127.0.0.1' : address.host;
  return `http://${authority({ host, port: address.port })}`;
}

function explainListen(error: NodeJS.ErrnoException, setting: string, address: Address): never {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there; choose another port, or port 0 for any free one',
    EACCES: 'this user may not listen there',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  const reason = reasons[error.code ?? ''];
  if (reason === undefined) throw error;
  throw new Error(`Cannot listen on ${authority(address)} (${setting}): ${reason}.`);
}
