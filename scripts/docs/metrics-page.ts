import { Registry } from 'prom-client';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createGauges } from '../../src/metrics/gauges.ts';
import { createMeters } from '../../src/metrics/meters.ts';
import { table } from './api-pages.ts';

export interface MetricInfo {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** Every metric that a server shows, in the order of its families. */
export function metrics(): readonly MetricInfo[] {
  const registry = new Registry();
  createMeters(registry);
  const nobody = () => {
    throw new Error('no server runs');
  };
  const sources = { database: nobody, devices: nobody, consumers: nobody, load: nobody, backlog: nobody };
  createGauges(registry, sources, { clock: systemClock, log: silentLog })[Symbol.dispose]();
  // the types leave the names of labels out
  const known = registry.getMetricsAsArray() as unknown as (Omit<MetricInfo, 'labels'> & { labelNames: string[] })[];
  return known.map(({ name, help, type, labelNames }) => ({
    name,
    help,
    type: String(type),
    labels: labelNames.filter((label) => label !== 'le'),
  }));
}

const families: readonly (readonly [title: string, prefix: RegExp])[] = [
  ['API', /^otaru_api_/],
  ['Devices', /^otaru_(device_|devices_|sub_devices_)/],
  ['Load', /^otaru_load_/],
  ['Tasks, jobs and the scheduler', /^otaru_(task_|oldest_|scheduler_)/],
  ['Downloads', /^otaru_downloads?_/],
  ['Events', /^otaru_(outbox|webhook|amqp)_/],
  ['Database', /^otaru_(database|backlog)_/],
  ['Process', /^(process|nodejs)_/],
];

/** docs/metrics.md */
export function metricsPage(): string {
  const all = metrics();
  const shown = families.map(([title, prefix]) => {
    const rows = all.filter(({ name }) => prefix.test(name));
    const cells = rows.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
    return `## ${title}\n\n${table(['Metric', 'Type', 'Labels', 'What it says'], cells)}`;
  });
  return `${intro}\n${shown.join('\n\n')}\n`;
}

const intro = `# Metrics

Written by \`npm run docs\`; a test compares.

\`OTARU_METRICS=127.0.0.1:9464\` makes the server answer \`GET /metrics\` there, in the text format of
Prometheus. It is off without it. Whoever reaches the address may read: keep it inside.

- Every node shows what it does itself. Sum over nodes, except for what is read from the database
  (\`otaru_oldest_…\`, \`otaru_outbox_…\`), which is the same on all: take the maximum.
- No label names a device, product, job or caller, so the number of series is bounded. \`action\` is
  one of the API's, \`code\` one of the documented ones without the parameter's name (\`Missing\`,
  \`Invalid\`), \`OK\` a success.
- What costs a query is read when somebody scrapes, by index, and at most every 10 seconds.
- [deploy/grafana/otaru.json](../deploy/grafana/otaru.json) is a dashboard to import into Grafana.

Worth an alert:

| When | Why |
|---|---|
| \`rate(otaru_api_calls_total{code="InternalError"}[5m]) > 0\` | a defect; the log has the RequestId |
| \`rate(otaru_load_refused_total[5m]) > 0\` | the database is gone, or too slow for what is asked: [operations.md](operations.md) |
| \`max(otaru_oldest_due_task_age_seconds) > 60\`, \`max(otaru_oldest_due_job_age_seconds) > 60\` | rollouts stand still |
| \`max(otaru_outbox_oldest_due_age_seconds) > 300\` | somebody is not told what happens |
| \`histogram_quantile(0.99, sum by (le) (rate(otaru_database_transaction_duration_seconds_bucket[5m]))) > 1\` | the database is slow |
| \`nodejs_eventloop_lag_p99_seconds > 0.05\` | the node has too much to do |
| \`increase(otaru_backlog_failures_total[5m]) > 0\` | the database does not answer |
`;
