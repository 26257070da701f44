import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import type { Address } from '../config/env.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Meters } from '../lib/meters.ts';
import { createGauges, type MetricSources } from './gauges.ts';
import { createMeters } from './meters.ts';

/** The metrics of one server. */
export interface Metrics {
  /** For the rooms to count with. */
  readonly meters: Meters;
  /** Answers `GET /metrics` in the text format of Prometheus. Rejects with the error of the system when it cannot listen. */
  open(options: MetricsOptions): Promise<MetricsServer>;
}

export interface MetricsOptions {
  readonly listen: Address;
  readonly sources: MetricSources;
  readonly clock: Clock;
  readonly log: Log;
}

export interface MetricsServer extends AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly address: Address;
}

/** A few scrapers and somebody with a browser. */
const MOST_CONNECTIONS = 50;

export function createMetrics(): Metrics {
  const registry = new Registry();
  return { meters: createMeters(registry), open: (options) => serve(registry, options) };
}

async function serve(registry: Registry, { listen, sources, clock, log }: MetricsOptions): Promise<MetricsServer> {
  const gauges = createGauges(registry, sources, { clock, log });
  const server = createServer(async (request, response) => {
    const refuse = (status: number, headers = {}) => void response.writeHead(status, headers).end();
    if (request.url?.split('?', 1)[0] !== '/metrics') return refuse(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, { Allow: 'GET, HEAD' });
    try {
      await gauges.refresh();
      const body = await registry.metrics();
      response.writeHead(200, { 'Content-Type': registry.contentType, 'Content-Length': Buffer.byteLength(body) });
      response.end(body);
    } catch (err) {
      log.error({ err }, 'the metrics could not be written');
      refuse(500);
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(listen.port, listen.host, resolve);
    });
  } catch (error) {
    gauges[Symbol.dispose]();
    throw error;
  }
  server.on('error', (err) => log.error({ err }, 'the metrics listener failed to accept'));
  return {
    address: { host: listen.host, port: (server.address() as AddressInfo).port },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      gauges[Symbol.dispose]();
    },
  };
}
