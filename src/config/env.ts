import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type LimitProfile, limitProfiles } from '../contract/limits.ts';

/** Where to listen. Port 0 means any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A network; a single address has the longest prefix. */
export interface Subnet {
  readonly address: string;
  readonly prefix: number;
}

/** Everything that a deployment may choose. */
export interface Config {
  /** Folder of the SQLite file, the blobs and the generated keys. */
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly http: Address;
  readonly mqtt: Address;
  /** Where devices reach the gateway from outside, when that is another address than where it listens. */
  readonly publicMqtt: Address | undefined;
  /** Where consumers of events connect; undefined: nowhere. */
  readonly amqp: Address | undefined;
  /** Where metrics can be read, by whoever reaches it; undefined: nowhere. */
  readonly metrics: Address | undefined;
  /** Origin without a trailing slash; undefined: made from the address that HTTP listens on. */
  readonly publicUrl: string | undefined;
  /** `file:/folder` or `s3://bucket?…`. */
  readonly blobs: string;
  /** Address in nginx that has the folder of packages behind it; undefined: downloads are streamed by the server itself. */
  readonly accelPath: string | undefined;
  readonly s3: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly limits: LimitProfile;
  readonly rootKey: { readonly accessKeyId: string; readonly accessKeySecret: string } | undefined;
  readonly masterKey: Buffer | undefined;
  /** Paths of a PEM certificate and key for TLS on the device port and the AMQP port. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Networks of reverse proxies in front of the HTTP port. */
  readonly trustedProxies: readonly Subnet[];
  /** Networks of proxies whose connections to the device port and the AMQP port begin with a PROXY header. */
  readonly proxyProtocol: readonly Subnet[];
  /** How long records of the audit are kept, in days. */
  readonly auditDays: number;
  /** Whether the console is served. */
  readonly console: boolean;
  readonly logLevel: LogLevel;
  /** What may wait for the database at a time, so that a slow one costs refusals and not memory. */
  readonly load: LoadBounds;
  /** Where webhooks may go although the address is not public: host names in lower case, and networks. */
  readonly webhookAllow: { readonly hosts: readonly string[]; readonly subnets: readonly Subnet[] };
  /** Server that the commands call which are clients themselves. */
  readonly endpoint: string | undefined;
}

/** At a time on this node. What waits for longer than its patience is refused. */
export interface LoadBounds {
  /** Calls of the API. */
  readonly calls: { readonly atOnce: number; readonly waiting: number; readonly patienceMs: number };
  /** What devices ask that have no connection yet: to log in, to register, for a file, over HTTP. */
  readonly devices: { readonly atOnce: number; readonly waiting: number; readonly patienceMs: number };
  /** Messages of connected devices; beyond `waiting` nothing more is read from those that send. */
  readonly reports: { readonly atOnce: number; readonly waiting: number };
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** All that is wrong with a configuration, one sentence each. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the whole configuration. The only place that knows the environment's names.
 * @param fallback what holds for a setting that is not set, where a command wants something else than the server
 * @throws ConfigError
 */
export function readConfig(
  variables: Variables = process.env,
  fallback: Pick<Config, 'logLevel'> = { logLevel: 'info' },
): Config {
  const problems: string[] = [];
  const read = (name: string) => variables[name]?.trim() || undefined;
  const complain = (name: string, what: string) => problems.push(`${name} ${what}.`);

  const address = (name: string, fallback: string): Address => {
    const text = read(name) ?? fallback;
    const parsed = parseAddress(text);
    if (!parsed) complain(name, `must be host:port with a port from 0 to 65535, not "${text}"`);
    return parsed ?? { host: '127.0.0.1', port: 0 };
  };
  const pair = (a: string, b: string) => {
    const [first, second] = [read(a), read(b)];
    if (first !== undefined && second !== undefined) return [first, second] as const;
    if (first !== undefined || second !== undefined) complain(`${a} and ${b}`, 'must be set together');
    return undefined;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const text = read(name) ?? fallback;
    const found = values.find((value) => value === text);
    if (!found) complain(name, `must be one of ${values.join(', ')}, not "${text}"`);
    return found ?? fallback;
  };

  const data = resolve(read('OTARU_DATA') ?? './data');
  const databaseUrl = read('OTARU_DATABASE_URL');
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    complain('OTARU_DATABASE_URL', 'must begin with postgres://');
  }
  const publicUrl = read('OTARU_PUBLIC_URL')?.replace(/\/+$/, '');
  if (publicUrl !== undefined && !isOrigin(publicUrl)) {
    complain('OTARU_PUBLIC_URL', `must be an origin such as https://ota.example.com, not "${publicUrl}"`);
  }
  const publicMqttText = read('OTARU_PUBLIC_MQTT');
  const publicMqtt = publicMqttText === undefined ? undefined : parseAddress(publicMqttText);
  if (publicMqttText !== undefined && !publicMqtt?.port) {
    complain('OTARU_PUBLIC_MQTT', `must be host:port with a port from 1 to 65535, not "${publicMqttText}"`);
  }
  const blobs = read('OTARU_BLOBS') ?? `file:${resolve(data, 'blobs')}`;
  if (!/^(file:|s3:\/\/)/.test(blobs)) complain('OTARU_BLOBS', 'must begin with file: or s3://');
  const s3Keys =
    pair('OTARU_S3_ACCESS_KEY_ID', 'OTARU_S3_SECRET_ACCESS_KEY') ?? pair('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY');
  if (blobs.startsWith('s3:') && !s3Keys) {
    complain('OTARU_S3_ACCESS_KEY_ID and OTARU_S3_SECRET_ACCESS_KEY', 'are needed for OTARU_BLOBS=s3://…');
  }
  const downloads = read('OTARU_DOWNLOADS') ?? 'direct';
  const rootKey = pair('OTARU_ACCESS_KEY_ID', 'OTARU_ACCESS_KEY_SECRET');
  if (rootKey && !rootKey.every((text) => /^[\x21-\x7e]{8,128}$/.test(text))) {
    complain(
      'OTARU_ACCESS_KEY_ID and OTARU_ACCESS_KEY_SECRET',
      'must have 8 to 128 printable characters without blanks',
    );
  }
  const masterKeyText = read('OTARU_MASTER_KEY');
  const masterKey = masterKeyText === undefined ? undefined : Buffer.from(masterKeyText, 'base64');
  if (masterKey && masterKey.length !== 32)
    complain('OTARU_MASTER_KEY', 'must be 32 bytes in base64 (openssl rand -base64 32)');
  const tls = pair('OTARU_TLS_CERT', 'OTARU_TLS_KEY');

  const list = (name: string) => (read(name) ?? '').split(/[\s,]+/).filter((text) => text !== '');
  const networks = (name: string): Subnet[] =>
    list(name).flatMap((text) => {
      const subnet = parseSubnet(text);
      if (!subnet) complain(name, `must be addresses or networks such as 10.0.0.0/8, not "${text}"`);
      return subnet ?? [];
    });
  const webhookTargets = list('OTARU_WEBHOOK_ALLOW');
  const webhookAllow: { hosts: string[]; subnets: Subnet[] } = { hosts: [], subnets: [] };
  for (const text of webhookTargets) {
    const subnet = parseSubnet(text);
    if (subnet) webhookAllow.subnets.push(subnet);
    else if (isHostName(text)) webhookAllow.hosts.push(text.toLowerCase());
    else {
      complain('OTARU_WEBHOOK_ALLOW', `must list networks (10.0.0.0/8), addresses or host names, not "${text}"`);
    }
  }
  const trustedProxies = networks('OTARU_TRUSTED_PROXIES');
  const proxyProtocol = networks('OTARU_PROXY_PROTOCOL');
  const accelPath = /^x-accel:((?:\/[\w.-]+)+)\/?$/.exec(downloads)?.[1];
  if (downloads !== 'direct' && accelPath === undefined) {
    complain('OTARU_DOWNLOADS', `must be direct or x-accel:/path, not "${downloads}"`);
  }
  if (accelPath !== undefined && !blobs.startsWith('file:')) {
    complain(
      'OTARU_DOWNLOADS=x-accel:…',
      'needs packages on disk (OTARU_BLOBS=file:…): devices follow no redirect to a store',
    );
  }
  if (accelPath !== undefined && trustedProxies.length === 0) {
    complain('OTARU_DOWNLOADS=x-accel:…', 'needs the address of nginx in OTARU_TRUSTED_PROXIES');
  }
  const count = (name: string, what: string, most: number, fallback: number): number => {
    const text = read(name) ?? String(fallback);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) complain(name, `must be a number of ${what} from 1 to ${most}, not "${text}"`);
    return value;
  };
  const load: LoadBounds = {
    calls: {
      atOnce: count('OTARU_CALLS_AT_ONCE', 'calls', 100_000, 128),
      waiting: count('OTARU_CALLS_WAITING', 'calls', 1_000_000, 1_000),
      patienceMs: count('OTARU_CALLS_PATIENCE', 'seconds', 600, 5) * 1_000,
    },
    devices: {
      atOnce: count('OTARU_DEVICES_AT_ONCE', 'requests', 100_000, 128),
      waiting: count('OTARU_DEVICES_WAITING', 'requests', 1_000_000, 20_000),
      patienceMs: count('OTARU_DEVICES_PATIENCE', 'seconds', 600, 20) * 1_000,
    },
    reports: {
      atOnce: count('OTARU_REPORTS_AT_ONCE', 'messages', 100_000, 2_048),
      waiting: count('OTARU_REPORTS_WAITING', 'messages', 10_000_000, 50_000),
    },
  };

  const config: Config = {
    data,
    databaseUrl,
    http: address('OTARU_HTTP', '127.0.0.1:8080'),
    mqtt: address('OTARU_MQTT', '127.0.0.1:1883'),
    publicMqtt,
    amqp: read('OTARU_AMQP') === undefined ? undefined : address('OTARU_AMQP', ''),
    metrics: read('OTARU_METRICS') === undefined ? undefined : address('OTARU_METRICS', ''),
    publicUrl,
    blobs,
    accelPath,
    s3: s3Keys && { accessKeyId: s3Keys[0], secretAccessKey: s3Keys[1] },
    limits: oneOf('OTARU_LIMITS', Object.keys(limitProfiles) as LimitProfile[], 'aliyun'),
    rootKey: rootKey && { accessKeyId: rootKey[0], accessKeySecret: rootKey[1] },
    masterKey,
    tls: tls && { cert: tls[0], key: tls[1] },
    trustedProxies,
    proxyProtocol,
    auditDays: count('OTARU_AUDIT_DAYS', 'days', 36_500, 180),
    console: oneOf('OTARU_CONSOLE', ['on', 'off'], 'on') === 'on',
    load,
    logLevel: oneOf('OTARU_LOG_LEVEL', logLevels, fallback.logLevel),
    webhookAllow,
    endpoint: read('OTARU_ENDPOINT'),
  };
  for (const name of Object.keys(variables)) {
    const ours = name.startsWith('OTARU_') && !fromKubernetes.test(name);
    if (ours && !known.has(name)) complain(name, 'is not a setting');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Whether a failure is to be shown with its stack; told even when the configuration is wrong. */
export function wantsStacks(variables: Variables = process.env): boolean {
  return variables['OTARU_LOG_LEVEL']?.trim() === 'debug';
}

/** Kubernetes tells every container of a Service named `otaru` by variables of these names. */
const fromKubernetes = /_SERVICE_(HOST|PORT\w*)$|_PORT(_\d+_(TCP|UDP)\w*)?$/;

const known: ReadonlySet<string> = new Set([
  'OTARU_DATA',
  'OTARU_DATABASE_URL',
  'OTARU_HTTP',
  'OTARU_MQTT',
  'OTARU_PUBLIC_MQTT',
  'OTARU_AMQP',
  'OTARU_METRICS',
  'OTARU_PUBLIC_URL',
  'OTARU_BLOBS',
  'OTARU_DOWNLOADS',
  'OTARU_S3_ACCESS_KEY_ID',
  'OTARU_S3_SECRET_ACCESS_KEY',
  'OTARU_LIMITS',
  'OTARU_ACCESS_KEY_ID',
  'OTARU_ACCESS_KEY_SECRET',
  'OTARU_MASTER_KEY',
  'OTARU_TLS_CERT',
  'OTARU_TLS_KEY',
  'OTARU_TRUSTED_PROXIES',
  'OTARU_PROXY_PROTOCOL',
  'OTARU_AUDIT_DAYS',
  'OTARU_CONSOLE',
  'OTARU_LOG_LEVEL',
  'OTARU_WEBHOOK_ALLOW',
  'OTARU_ENDPOINT',
  'OTARU_CALLS_AT_ONCE',
  'OTARU_CALLS_WAITING',
  'OTARU_CALLS_PATIENCE',
  'OTARU_DEVICES_AT_ONCE',
  'OTARU_DEVICES_WAITING',
  'OTARU_DEVICES_PATIENCE',
  'OTARU_REPORTS_AT_ONCE',
  'OTARU_REPORTS_WAITING',
]);

function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

function parseSubnet(text: string): Subnet | undefined {
  const [address = '', digits] = text.split('/', 2);
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return undefined;
  const longest = family === 4 ? 32 : 128;
  if (digits === undefined) return { address, prefix: longest };
  const prefix = Number(digits);
  return /^\d{1,3}$/.test(digits) && prefix <= longest ? { address, prefix } : undefined;
}

/** A name with at least one letter: what looks like an address and is none is a slip. */
const isHostName = (text: string) => /^(?=.*[a-z])[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?$/i.test(text);

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.origin === text.toLowerCase();
}
