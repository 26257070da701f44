import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ConfigError, readConfig } from '../../src/config/env.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const files = readdirSync('deploy', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

/** Whether the server knows a setting of that name, whatever its value. */
function isSetting(name: string): boolean {
  try {
    readConfig({ [name]: 'x' });
    return true;
  } catch (error) {
    return error instanceof ConfigError && !error.message.includes(`${name} is not a setting`);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: documents of others' formats
type Tree = any;

describe('what is deployed', () => {
  it('names only settings that there are', () => {
    const names = [...files, 'docs/deploy.md'].flatMap((file) =>
      [...read(file).matchAll(/\bOTARU_[A-Z0-9_]+\b/g)].map(([name]) => `${file}: ${name}`),
    );
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((text) => !isSetting(text.split(': ')[1] ?? ''))).toEqual([]);
  });

  it('is explained file by file', () => {
    const guide = read('docs/deploy.md') + read('docs/metrics.md');
    expect(files.filter((file) => !guide.includes(file))).toEqual([]);
  });
});

describe('deploy/compose.yaml', () => {
  const text = read('deploy/compose.yaml');
  const compose: Tree = parse(text, { merge: true });
  const example = Object.fromEntries(
    [...read('deploy/.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );

  it('starts with no setting left out, and brings no secret', () => {
    const variables = [...text.matchAll(/(?<!\$)\$\{(\w+)(.*?)\}/g)];
    expect(variables.filter(([, , rest]) => !rest?.startsWith(':?')).map(([all]) => all)).toEqual([]);
    expect([...new Set(variables.map(([, name]) => name))].toSorted()).toEqual(Object.keys(example).toSorted());
    const secrets = Object.keys(example).filter((name) => /KEY|PASSWORD/.test(name));
    expect(secrets.filter((name) => example[name] !== '')).toEqual([]);
    expect(secrets).toHaveLength(6);
  });

  it('runs two nodes that trust the balancer alone', () => {
    const { otaru1, otaru2, haproxy } = compose.services;
    expect({ ...otaru2, networks: {} }).toEqual({ ...otaru1, networks: {} });
    const addresses = [haproxy, otaru1, otaru2].map(({ networks }) => networks.inside.ipv4_address);
    expect(new Set(addresses).size).toBe(3);
    for (const each of addresses) expect(each).toMatch(/^172\.30\.77\.\d+$/);
    const address = haproxy.networks.inside.ipv4_address;
    expect(otaru1.environment).toMatchObject({ OTARU_TRUSTED_PROXIES: address, OTARU_PROXY_PROTOCOL: address });
    const config = read('deploy/haproxy/haproxy.cfg');
    for (const name of ['otaru1', 'otaru2']) {
      expect(config).toContain(`server ${name} ${name}:8080\n`);
      expect(config).toContain(`server ${name} ${name}:1883\n`);
    }
    expect(haproxy.ports).toEqual(['80:80', '443:443', '1883:1883', '8883:8883']);
  });

  it('gives the drain its time', () => {
    expect(Number.parseInt(compose.services.otaru1.stop_grace_period, 10)).toBeGreaterThan(9);
  });
});

describe('deploy/kubernetes/otaru.yaml', () => {
  const documents: Tree[] = parseAllDocuments(read('deploy/kubernetes/otaru.yaml')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
  const [deployment, service, budget] = documents;
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;

  it('runs several nodes that can be taken away one by one', () => {
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'PodDisruptionBudget']);
    expect(deployment.spec.replicas).toBeGreaterThan(1);
    expect(budget.spec.maxUnavailable).toBe(1);
    const labels = deployment.spec.template.metadata.labels;
    for (const selector of [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      budget.spec.selector.matchLabels,
    ])
      expect(labels).toMatchObject(selector);
    const [, seconds] = container.lifecycle.preStop.exec.command;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + 9);
  });

  it('asks where the server answers', () => {
    const source = read('src/http/server.ts');
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const { path, port } = container[probe].httpGet;
      expect(source).toContain(`app.get('${path}'`);
      expect(container.ports.map(({ name }: Tree) => name)).toContain(port);
    }
    const named = new Map<string, number>(
      container.ports.map(({ name, containerPort }: Tree) => [name, containerPort]),
    );
    for (const { targetPort } of service.spec.ports) expect(named.has(targetPort)).toBe(true);
    const env = new Map<string, string>(container.env.map(({ name, value }: Tree) => [name, value]));
    for (const name of ['HTTP', 'MQTT', 'METRICS'])
      expect(env.get(`OTARU_${name}`)).toBe(`0.0.0.0:${named.get(name.toLowerCase())}`);
  });

  it('has secrets by reference only', () => {
    const secret = container.env.filter(({ name }: Tree) => /SECRET|_KEY(_ID)?$|DATABASE_URL/.test(name));
    const paths = ['OTARU_TLS_KEY'];
    expect(secret.filter(({ name, value }: Tree) => value !== undefined && !paths.includes(name))).toEqual([]);
    expect(secret).toHaveLength(7);
  });
});

describe('deploy/Dockerfile', () => {
  it('copies what is there and what .dockerignore lets through', () => {
    const passed = new Set([...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name));
    const copied = [...read('deploy/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
      (names ?? '').split(' '),
    );
    expect(copied.length).toBeGreaterThan(8);
    expect(copied.filter((name) => !passed.has(name) || !existsSync(name))).toEqual([]);
    expect([...passed].filter((name) => !copied.includes(name ?? ''))).toEqual([]);
  });

  it('runs the server as nobody special, on the version that it needs', () => {
    const text = read('deploy/Dockerfile');
    const { engines } = JSON.parse(read('package.json'));
    for (const [, version] of text.matchAll(/^FROM node:(\d+)/gm))
      expect(engines.node).toMatch(new RegExp(`^>=${version}(\\.|$)`)); // the image is the newest of its major version
    expect(text).toContain('\nUSER node\n');
    expect(text).toMatch(/ENTRYPOINT \["node", "\/app\/bin\/otaru.js"\]\nCMD \["serve"\]/);
  });
});

describe.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('deploy/systemd/otaru.service', () => {
  it('is a unit that systemd understands', () => {
    const folder = mkdtempSync(join(tmpdir(), 'otaru-unit-'));
    try {
      const path = join(folder, 'otaru.service');
      writeFileSync(
        path,
        read('deploy/systemd/otaru.service').replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`),
      );
      const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
      const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('otaru.service'));
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
