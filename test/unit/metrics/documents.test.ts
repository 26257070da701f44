import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metrics, metricsPage } from '../../../scripts/docs/metrics-page.ts';

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[];
}

const all = metrics();

/** The series that a metric has: a histogram has three, none of its own name. */
const series = new Map(
  all.flatMap((metric) => {
    const endings = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return endings.map((ending) => [metric.name + ending, metric] as const);
  }),
);
const NAME = /\b(?:otaru|process|nodejs)_\w+/g;

describe('the metrics', () => {
  it('are named and explained as is the custom', () => {
    for (const { name, type, help } of all) {
      expect(name).toMatch(/^(otaru|process|nodejs)_[a-z0-9]+(_[a-z0-9]+)*$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/\.$/);
    }
    const labels = new Set(all.flatMap((metric) => metric.labels));
    // no label for what grows: devices, jobs, products, callers
    expect([...labels].sort()).toEqual([
      'action',
      'channel',
      'code',
      'consumer',
      'kind',
      'loop',
      'outcome',
      'result',
      'status',
    ]);
  });

  it('stand in docs/metrics.md as they are (npm run docs)', () => {
    const page = readFileSync('docs/metrics.md', 'utf8');
    expect(page).toBe(metricsPage());
    for (const { name } of all) expect(page.split(`| \`${name}\` |`)).toHaveLength(2);
    const alerts = [...page.matchAll(NAME)].map(([name]) => name);
    const known = (name: string) => series.has(name) || all.some((metric) => metric.name.startsWith(name));
    expect(alerts.filter((name) => !known(name))).toEqual([]);
  });

  it('are shown on the dashboard, each of them, and no others', () => {
    const dashboard = JSON.parse(readFileSync('deploy/grafana/otaru.json', 'utf8')) as Dashboard;
    const exprs = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
    const used = new Set(exprs.flatMap((expr) => expr.match(NAME) ?? []));
    expect([...used].filter((name) => !series.has(name))).toEqual([]);
    const shown = new Set([...used].map((name) => series.get(name)?.name));
    expect(all.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // labels in a sum or a selector are those of the metric; `instance` comes from Prometheus
    for (const expr of exprs) {
      const labels = new Set((expr.match(NAME) ?? []).flatMap((name) => series.get(name)?.labels ?? []));
      const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '));
      const selected = [...expr.matchAll(/[{,] ?(\w+)(?:=|!=|=~)"/g)].map(([, name = '']) => name);
      const unknown = [...by, ...selected].filter((name) => name !== 'le' && name !== 'instance' && !labels.has(name));
      expect([expr, unknown]).toEqual([expr, []]);
    }
  });
});
