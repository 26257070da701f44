import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, wantsStacks } from '../../../src/config/env.ts';

type Variables = Readonly<Record<string, string>>;

function problemsOf(variables: Variables): string[] {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs no variable at all', () => {
    expect(readConfig({})).toEqual({
      data: resolve('data'),
      databaseUrl: undefined,
      http: { host: '127.0.0.1', port: 8080 },
      mqtt: { host: '127.0.0.1', port: 1883 },
      amqp: undefined,
      metrics: undefined,
      publicUrl: undefined,
      publicMqtt: undefined,
      blobs: `file:${resolve('data/blobs')}`,
      accelPath: undefined,
      s3: undefined,
      limits: 'aliyun',
      rootKey: undefined,
      masterKey: undefined,
      tls: undefined,
      trustedProxies: [],
      proxyProtocol: [],
      auditDays: 180,
      console: true,
      load: {
        calls: { atOnce: 128, waiting: 1_000, patienceMs: 5_000 },
        devices: { atOnce: 128, waiting: 20_000, patienceMs: 20_000 },
        reports: { atOnce: 2_048, waiting: 50_000 },
      },
      logLevel: 'info',
      webhookAllow: { hosts: [], subnets: [] },
      endpoint: undefined,
    });
  });

  it('takes every setting', () => {
    const config = readConfig({
      OTARU_DATA: '/var/lib/otaru',
      OTARU_DATABASE_URL: 'postgres://otaru@db/otaru',
      OTARU_HTTP: '0.0.0.0:80',
      OTARU_MQTT: '[::1]:0',
      OTARU_PUBLIC_MQTT: 'iot.example.com:1884',
      OTARU_AMQP: '0.0.0.0:5671',
      OTARU_METRICS: '127.0.0.1:9464',
      OTARU_PUBLIC_URL: 'https://ota.example.com/',
      OTARU_BLOBS: 's3://bucket?endpoint=http://s3:9000',
      OTARU_S3_ACCESS_KEY_ID: 'id',
      OTARU_S3_SECRET_ACCESS_KEY: 'secret',
      OTARU_LIMITS: 'open',
      OTARU_ACCESS_KEY_ID: 'LTAIroot',
      OTARU_ACCESS_KEY_SECRET: 'root-secret',
      OTARU_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      OTARU_TLS_CERT: 'cert.pem',
      OTARU_TLS_KEY: 'key.pem',
      OTARU_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      OTARU_PROXY_PROTOCOL: '192.0.2.7',
      OTARU_AUDIT_DAYS: '30',
      OTARU_CONSOLE: 'off',
      OTARU_CALLS_AT_ONCE: '1',
      OTARU_CALLS_WAITING: '2',
      OTARU_CALLS_PATIENCE: '3',
      OTARU_DEVICES_AT_ONCE: '4',
      OTARU_DEVICES_WAITING: '5',
      OTARU_DEVICES_PATIENCE: '6',
      OTARU_REPORTS_AT_ONCE: '7',
      OTARU_REPORTS_WAITING: '8',
      OTARU_LOG_LEVEL: 'debug',
      OTARU_WEBHOOK_ALLOW: '10.0.0.0/8, fd00::/8 Hooks.internal 127.0.0.1',
      OTARU_ENDPOINT: 'http://127.0.0.1:9000',
    });
    expect(config).toEqual({
      data: '/var/lib/otaru',
      databaseUrl: 'postgres://otaru@db/otaru',
      http: { host: '0.0.0.0', port: 80 },
      mqtt: { host: '::1', port: 0 },
      amqp: { host: '0.0.0.0', port: 5671 },
      metrics: { host: '127.0.0.1', port: 9464 },
      publicUrl: 'https://ota.example.com',
      publicMqtt: { host: 'iot.example.com', port: 1884 },
      blobs: 's3://bucket?endpoint=http://s3:9000',
      s3: { accessKeyId: 'id', secretAccessKey: 'secret' },
      limits: 'open',
      rootKey: { accessKeyId: 'LTAIroot', accessKeySecret: 'root-secret' },
      masterKey: Buffer.alloc(32, 1),
      tls: { cert: 'cert.pem', key: 'key.pem' },
      trustedProxies: [
        { address: '10.0.0.0', prefix: 8 },
        { address: '::1', prefix: 128 },
      ],
      proxyProtocol: [{ address: '192.0.2.7', prefix: 32 }],
      auditDays: 30,
      console: false,
      load: {
        calls: { atOnce: 1, waiting: 2, patienceMs: 3_000 },
        devices: { atOnce: 4, waiting: 5, patienceMs: 6_000 },
        reports: { atOnce: 7, waiting: 8 },
      },
      logLevel: 'debug',
      webhookAllow: {
        hosts: ['hooks.internal'],
        subnets: [
          { address: '10.0.0.0', prefix: 8 },
          { address: 'fd00::', prefix: 8 },
          { address: '127.0.0.1', prefix: 32 },
        ],
      },
      endpoint: 'http://127.0.0.1:9000',
    });
  });

  it('takes an empty or blank variable as one that is not set', () => {
    expect(readConfig({ OTARU_HTTP: '', OTARU_DATABASE_URL: ' ' })).toEqual(readConfig({}));
  });

  it('keeps the blobs in the data folder unless told otherwise', () => {
    expect(readConfig({ OTARU_DATA: '/srv' }).blobs).toBe('file:/srv/blobs');
    expect(readConfig({ OTARU_BLOBS: 'file:/mnt/blobs' }).blobs).toBe('file:/mnt/blobs');
  });

  it('lets nginx send the files under a path of its own', () => {
    const at = (text: string) => readConfig({ OTARU_DOWNLOADS: text, OTARU_TRUSTED_PROXIES: '127.0.0.1' }).accelPath;
    expect(at('direct')).toBeUndefined();
    expect(at('x-accel:/packages')).toBe('/packages');
    expect(at('x-accel:/own/packages/')).toBe('/own/packages');
  });

  it('takes S3 keys from the names that S3 tools use, too', () => {
    const variables = { OTARU_BLOBS: 's3://bucket', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
    expect(readConfig(variables).s3).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret' });
  });

  it('lets a command choose its own log level where none is set', () => {
    expect(readConfig({}, { logLevel: 'warn' }).logLevel).toBe('warn');
    expect(readConfig({ OTARU_LOG_LEVEL: 'trace' }, { logLevel: 'warn' }).logLevel).toBe('trace');
  });

  it('cares for no variable of others', () => {
    expect(readConfig({ PATH: '/bin', NODE_ENV: 'x' })).toEqual(readConfig({}));
  });

  it.each<[Variables, string]>([
    [{ OTARU_AMQP: '5671' }, 'OTARU_AMQP must be host:port with a port from 0 to 65535, not "5671".'],
    [{ OTARU_HTTP: '8080' }, 'OTARU_HTTP must be host:port with a port from 0 to 65535, not "8080".'],
    [
      { OTARU_MQTT: 'localhost:65536' },
      'OTARU_MQTT must be host:port with a port from 0 to 65535, not "localhost:65536".',
    ],
    [
      { OTARU_PUBLIC_MQTT: 'mqtt://iot.example.com:1883' },
      'OTARU_PUBLIC_MQTT must be host:port with a port from 1 to 65535, not "mqtt://iot.example.com:1883".',
    ],
    [
      { OTARU_PUBLIC_MQTT: 'iot.example.com:0' },
      'OTARU_PUBLIC_MQTT must be host:port with a port from 1 to 65535, not "iot.example.com:0".',
    ],
    [{ OTARU_METRICS: 'on' }, 'OTARU_METRICS must be host:port with a port from 0 to 65535, not "on".'],
    [{ OTARU_DATABASE_URL: 'mysql://db' }, 'OTARU_DATABASE_URL must begin with postgres://.'],
    [
      { OTARU_PUBLIC_URL: 'ota.example.com' },
      'OTARU_PUBLIC_URL must be an origin such as https://ota.example.com, not "ota.example.com".',
    ],
    [
      { OTARU_PUBLIC_URL: 'https://example.com/ota' },
      'OTARU_PUBLIC_URL must be an origin such as https://ota.example.com, not "https://example.com/ota".',
    ],
    [{ OTARU_BLOBS: '/blobs' }, 'OTARU_BLOBS must begin with file: or s3://.'],
    [
      { OTARU_BLOBS: 's3://bucket' },
      'OTARU_S3_ACCESS_KEY_ID and OTARU_S3_SECRET_ACCESS_KEY are needed for OTARU_BLOBS=s3://….',
    ],
    [{ OTARU_S3_ACCESS_KEY_ID: 'id' }, 'OTARU_S3_ACCESS_KEY_ID and OTARU_S3_SECRET_ACCESS_KEY must be set together.'],
    [{ OTARU_LIMITS: 'none' }, 'OTARU_LIMITS must be one of aliyun, open, not "none".'],
    [
      { OTARU_ACCESS_KEY_SECRET: 'root-secret' },
      'OTARU_ACCESS_KEY_ID and OTARU_ACCESS_KEY_SECRET must be set together.',
    ],
    [
      { OTARU_ACCESS_KEY_ID: 'root', OTARU_ACCESS_KEY_SECRET: 'root-secret' },
      'OTARU_ACCESS_KEY_ID and OTARU_ACCESS_KEY_SECRET must have 8 to 128 printable characters without blanks.',
    ],
    [{ OTARU_MASTER_KEY: 'short' }, 'OTARU_MASTER_KEY must be 32 bytes in base64 (openssl rand -base64 32).'],
    [{ OTARU_TLS_KEY: 'key.pem' }, 'OTARU_TLS_CERT and OTARU_TLS_KEY must be set together.'],
    [
      { OTARU_LOG_LEVEL: 'loud' },
      'OTARU_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud".',
    ],
    ...['10.0.0.0/33', '10.0.0.1/', '300.1.2.3', 'fe80::1%eth0', 'https://hooks.internal'].map(
      (text): [Variables, string] => [
        { OTARU_WEBHOOK_ALLOW: `localhost,${text}` },
        `OTARU_WEBHOOK_ALLOW must list networks (10.0.0.0/8), addresses or host names, not "${text}".`,
      ],
    ),
    [
      { OTARU_TRUSTED_PROXIES: '10.0.0.0/8,proxy' },
      'OTARU_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, not "proxy".',
    ],
    [
      { OTARU_TRUSTED_PROXIES: '10.0.0.0/33' },
      'OTARU_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, not "10.0.0.0/33".',
    ],
    [
      { OTARU_PROXY_PROTOCOL: '127.0.0.1, on' },
      'OTARU_PROXY_PROTOCOL must be addresses or networks such as 10.0.0.0/8, not "on".',
    ],
    ...['nginx', 'x-accel:', 'x-accel:packages', 'x-accel:/pack ages', 'x-accel:/a/../b?'].map(
      (text): [Variables, string] => [
        { OTARU_DOWNLOADS: text, OTARU_TRUSTED_PROXIES: '127.0.0.1' },
        `OTARU_DOWNLOADS must be direct or x-accel:/path, not "${text}".`,
      ],
    ),
    [
      { OTARU_DOWNLOADS: 'x-accel:/packages' },
      'OTARU_DOWNLOADS=x-accel:… needs the address of nginx in OTARU_TRUSTED_PROXIES.',
    ],
    [
      {
        OTARU_DOWNLOADS: 'x-accel:/packages',
        OTARU_TRUSTED_PROXIES: '127.0.0.1',
        OTARU_BLOBS: 's3://bucket',
        OTARU_S3_ACCESS_KEY_ID: 'id',
        OTARU_S3_SECRET_ACCESS_KEY: 'secret',
      },
      'OTARU_DOWNLOADS=x-accel:… needs packages on disk (OTARU_BLOBS=file:…): devices follow no redirect to a store.',
    ],
    [{ OTARU_CALLS_WAITING: '0' }, 'OTARU_CALLS_WAITING must be a number of calls from 1 to 1000000, not "0".'],
    [{ OTARU_DEVICES_PATIENCE: '1m' }, 'OTARU_DEVICES_PATIENCE must be a number of seconds from 1 to 600, not "1m".'],
    [{ OTARU_AUDIT_DAYS: '0' }, 'OTARU_AUDIT_DAYS must be a number of days from 1 to 36500, not "0".'],
    [{ OTARU_CONSOLE: 'no' }, 'OTARU_CONSOLE must be one of on, off, not "no".'],
    [{ OTARU_HTTPS: ':443' }, 'OTARU_HTTPS is not a setting.'],
  ])('explains the mistake in %o in one sentence', (variables, sentence) => {
    expect(problemsOf(variables)).toEqual([sentence]);
  });

  it('cares for none that Kubernetes sets for a Service of the same name', () => {
    const set = {
      OTARU_SERVICE_HOST: '10.0.0.1',
      OTARU_SERVICE_PORT: '8080',
      OTARU_SERVICE_PORT_HTTP: '8080',
      OTARU_PORT: 'tcp://10.0.0.1:8080',
      OTARU_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      OTARU_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    expect(readConfig(set)).toEqual(readConfig({}));
  });

  it('tells all mistakes at once', () => {
    const problems = problemsOf({ OTARU_HTTP: 'x', OTARU_LIMITS: 'y', OTARU_BLOBS: 'z', OTARU_HTPP: '127.0.0.1:80' });
    expect(problems.map((sentence) => sentence.split(' ')[0]).sort()).toEqual([
      'OTARU_BLOBS',
      'OTARU_HTPP',
      'OTARU_HTTP',
      'OTARU_LIMITS',
    ]);
  });

  it('never repeats a secret in its complaint', () => {
    const secret = 'a secret';
    const problems = problemsOf({
      OTARU_DATABASE_URL: `mysql://u:${secret}@db`,
      OTARU_ACCESS_KEY_ID: 'LTAIroot',
      OTARU_ACCESS_KEY_SECRET: secret,
      OTARU_MASTER_KEY: secret,
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain(secret);
  });

  it('shows stacks at log level debug, even if the rest is wrong', () => {
    expect(wantsStacks({ OTARU_LOG_LEVEL: 'debug', OTARU_HTTP: 'x' })).toBe(true);
    expect(wantsStacks({})).toBe(false);
  });
});
