import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';

const findProgram = (name: string) =>
  ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']
    .map((folder) => join(folder, name))
    .find(existsSync);

const programs = { nginx: findProgram('nginx'), haproxy: findProgram('haproxy') };
const { nginx, haproxy } = programs;
const hasStream =
  nginx !== undefined &&
  (existsSync('/usr/lib/nginx/modules/ngx_stream_module.so') || /--with-stream( |$)/m.test(said(nginx, ['-V'])));

/** Why tests of a real proxy cannot run on this machine; undefined when they can. */
export const missing = {
  nginx: nginx && hasStream ? undefined : 'nginx with its stream module is not installed',
  haproxy: haproxy ? undefined : 'haproxy is not installed',
} as const;

/** What a program says on either of its outputs, whether or not it is content. */
function said(program: string, words: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return stdout + stderr;
}

export interface RunningProxy extends AsyncDisposable {
  /** What it has written to its standard error. */
  log(): string;
}

/** Every text to be replaced must be there; of two changes to the same text the first counts. */
export function substitute(config: string, changes: readonly (readonly [string, string])[]): string {
  let text = config;
  for (const [from, to] of changes) {
    if (!config.includes(from)) throw new Error(`there is no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The configuration of an nginx that writes nowhere but into `folder`. */
function nginxIn(folder: string, config: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  return config
    .replace(/^user .*;$/m, userInfo().uid === 0 ? 'user root;' : '')
    .replace(/^worker_processes .*;$/m, 'worker_processes 1;')
    .replace(/^worker_rlimit_nofile .*;$/m, '')
    .replace(/worker_connections \d+;/, 'worker_connections 1000;')
    .replace(/^pid .*;$/m, `pid ${folder}/nginx.pid;`)
    .replace(/^error_log .*;$/m, 'error_log stderr warn;')
    .replace(/access_log .*;/, 'access_log off;')
    .replace(/^http \{$/m, `http { ${paths}`);
}

/** deploy/nginx/nginx.conf on ports that are free, in front of one server. */
export async function startDeployedNginx(options: {
  /** For what it writes, and for a certificate. */
  readonly folder: string;
  /** Where the server keeps its packages. */
  readonly blobs: string;
  /** Where it listens instead of 80. */
  readonly port: number;
  /** Host and port of the server. */
  readonly http: string;
  readonly changes?: readonly (readonly [string, string])[];
}): Promise<RunningProxy> {
  const { folder, blobs, port, http, changes = [] } = options;
  const [https, any, mqtt, mqtts] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const certificate = makeCertificate();
  writeFileSync(join(folder, 'tls.crt'), certificate.cert);
  writeFileSync(join(folder, 'tls.key'), certificate.key);
  const config = substitute(nginxIn(folder, readFileSync('deploy/nginx/nginx.conf', 'utf8')), [
    ...changes,
    ['listen 80 ', `listen 127.0.0.1:${port} `],
    ['127.0.0.1:8443', `127.0.0.1:${https}`],
    ['listen 443 ', `listen 127.0.0.1:${any} `],
    ['listen 1883 ', `listen 127.0.0.1:${mqtt} `],
    ['listen 8883 ', `listen 127.0.0.1:${mqtts} `],
    ['127.0.0.1:8080', http],
    ['/etc/otaru/tls/otaru', `${folder}/tls`],
    ['/var/lib/otaru/blobs/', `${blobs}/`],
  ]);
  return startNginx(config, port);
}

/** @param port one that answers when the proxy is ready */
const startNginx = (config: string, port: number) =>
  startProxy(nginx as string, (path) => ['-c', path, '-g', 'daemon off;', '-e', 'stderr'], config, port);

/** @param port one that answers when the proxy is ready */
export const startHaproxy = (config: string, port: number) =>
  startProxy(haproxy as string, (path) => ['-db', '-f', path], config, port);

async function startProxy(
  program: string,
  words: (path: string) => readonly string[],
  config: string,
  port: number,
): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'otaru-proxy-'));
  const path = join(folder, 'config');
  writeFileSync(path, config);
  let log = '';
  const child = spawn(program, words(path), { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  while (!(await answers(port))) {
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`${program} did not start: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { log: () => log, [Symbol.asyncDispose]: stop };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
