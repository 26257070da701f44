import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type Address, type Config, readConfig } from '../config/env.ts';
import { systemClock } from '../lib/clock.ts';
import type { Server } from '../server.ts';
import { createFleet, type Fleet } from '../simulate/fleet.ts';
import { type ApiAnswer, type ApiClient, createApiClient, uploadPackage } from './api-client.ts';
import { CommandError, createLog, print } from './output.ts';
import { createProgress } from './progress.ts';
import { registerDevices } from './simulate.ts';

interface Options {
  readonly devices: number;
  readonly keep?: boolean;
}

const OLD_VERSION = '1.0.0';
const NEW_VERSION = '1.1.0';
const VERIFIED_ON = 2;
const PACKAGE_BYTES = 256 * 1024;
/** Nothing in the demo takes a third of this; past it something is wrong. */
const PATIENCE_MS = 60_000;

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('Run a whole update on simulated devices: server, fleet, package, verification, rollout.')
    .option('--devices <count>', 'simulated devices, 10 to 1,000', countOption, 50)
    .option('--keep', 'leave the server and the devices running until Ctrl-C')
    .action(runDemo);
}

function countOption(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 10 || count > 1_000)
    throw new InvalidArgumentError('must be a whole number from 10 to 1000');
  return count;
}

async function runDemo(options: Options): Promise<void> {
  // the demo's own lines are on the screen; the server adds only what is wrong
  const settings = readConfig(undefined, { logLevel: 'warn' });
  await using stack = new AsyncDisposableStack();
  const data = await mkdtemp(join(tmpdir(), 'otaru-demo-'));
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const config: Config = {
    ...settings,
    data,
    databaseUrl: undefined,
    blobs: `file:${join(data, 'blobs')}`,
    http: await freeAddress(settings.http, 'HTTP'),
    mqtt: await freeAddress(settings.mqtt, 'MQTT'),
    publicUrl: undefined,
  };
  const { startServer } = await import('../server.ts');
  const server = stack.use(await startServer(config, { log: createLog(config.logLevel) }));
  const key = server.rootKey;
  if (!key) throw new Error('a new data folder had an account already');
  print(`Server     ${server.http} (API), ${server.mqtt} (devices), SQLite in ${data}`);

  const client = createApiClient(server.http, key);
  const { product, fleet } = await startDevices(client, server, options.devices);
  stack.use(fleet);
  const firmwareId = await verifiedPackage(client, product.ProductKey, fleet);
  const jobId = await rollOut(client, product.ProductKey, firmwareId);
  await showResult(client, jobId, fleet);
  if (options.keep) await keepRunning(server, jobId);
}

/** The wished address, or the same host with any free port. */
async function freeAddress(wished: Address, name: string): Promise<Address> {
  const free = await new Promise<boolean>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(wished.port, wished.host, () => probe.close(() => resolve(true)));
  });
  if (free) return wished;
  print(`Port ${wished.port} (${name}) is taken, so a free one is used.`);
  return { ...wished, port: 0 };
}

async function startDevices(client: ApiClient, server: Server, count: number) {
  const { Data: product } = await client.call('CreateProduct', { ProductName: 'Demo_lamp', NodeType: 0 });
  const identities = await registerDevices(client, product.ProductKey, count);
  print(`Product    ${product.ProductKey} "${product.ProductName}" with ${count} devices`);
  const { hostname, port } = new URL(server.mqtt);
  const fleet = createFleet({
    identities,
    host: hostname,
    port: Number(port),
    clock: systemClock,
    seed: 7,
    failures: { flash: 0.06, verify: 0.04, download: 0.04, 'wrong-version': 0.02 },
    delay: { min: 100, max: 3_000 },
    reboot: { min: 100, max: 800 },
    versions: { default: OLD_VERSION },
    pace: { stepPercent: 20, stepMs: 300 },
    connectsPerSecond: 50,
  });
  fleet.start();
  await until(
    () => fleet.devices.every(({ device }) => device.acknowledged('default') === OLD_VERSION),
    'the devices to connect',
  );
  print(`Fleet      ${count} devices are connected over MQTT and report version ${OLD_VERSION}`);
  return { product, fleet };
}

async function verifiedPackage(client: ApiClient, productKey: string, fleet: Fleet): Promise<string> {
  const bytes = demoPackage();
  const { Data: firmware } = await client.call('CreateOTAFirmware', {
    FirmwareName: 'Demo_lamp_firmware',
    DestVersion: NEW_VERSION,
    ProductKey: productKey,
    FirmwareUrl: await uploadPackage(client, bytes),
    SignMethod: 'SHA256',
  });
  print(`Package    ${firmware.FirmwareId}, version ${NEW_VERSION}, ${bytes.length} bytes uploaded`);
  const healthy = fleet.devices.filter(({ plan }) => plan.failure === undefined).slice(0, VERIFIED_ON);
  const names = healthy.map(({ device }) => device.identity.deviceName);
  await client.call('CreateOTAVerifyJob', {
    FirmwareId: firmware.FirmwareId,
    ProductKey: productKey,
    TargetDeviceName: names,
  });
  const verified = 1;
  await until(async () => {
    const { FirmwareInfo: info } = await client.call('QueryOTAFirmware', { FirmwareId: firmware.FirmwareId });
    return info.Status === verified;
  }, 'the verification');
  print(`Verified   on ${names.join(' and ')}`);
  return firmware.FirmwareId;
}

/** Bytes that look like no pattern and are the same every time. */
function demoPackage(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PACKAGE_BYTES);
  for (let offset = 0; offset < bytes.length; offset += 32) {
    bytes.set(createHash('sha256').update(String(offset)).digest(), offset);
  }
  return bytes;
}

async function rollOut(client: ApiClient, productKey: string, firmwareId: string): Promise<string> {
  const { Data: job } = await client.call('CreateOTAStaticUpgradeJob', {
    FirmwareId: firmwareId,
    ProductKey: productKey,
    TargetSelection: 'ALL',
    TimeoutInMinutes: 60,
  });
  print(`Rollout    job ${job.JobId} to the other devices`);
  using progress = createProgress(process.stdout);
  await until(async () => {
    const counts = new Map<string, number>();
    for (const task of await allTasks(client, job.JobId))
      counts.set(task.TaskStatus, (counts.get(task.TaskStatus) ?? 0) + 1);
    progress.show(counts);
    const { Data: state } = await client.call('QueryOTAJob', { JobId: job.JobId });
    return state.JobStatus === 'COMPLETED';
  }, 'the rollout');
  return job.JobId;
}

async function allTasks(client: ApiClient, jobId: string): Promise<ApiAnswer[]> {
  const tasks: ApiAnswer[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await client.call('ListOTATaskByJob', { JobId: jobId, CurrentPage: page, PageSize: 100 });
    tasks.push(...answer['Data'].SimpleOTATaskInfo);
    pages = answer['PageCount'];
  }
  return tasks;
}

async function showResult(client: ApiClient, jobId: string, fleet: Fleet): Promise<void> {
  const page = await client.call('ListOTATaskByJob', { JobId: jobId, CurrentPage: 1, PageSize: 3 });
  print(`\nListOTATaskByJob JobId=${jobId} CurrentPage=1 PageSize=3`);
  print(JSON.stringify(page, null, 2));
  print(`(page 1 of ${page['PageCount']}; CurrentPage=2 and so on are the rest)\n`);
  const tasks = await allTasks(client, jobId);
  const failed = tasks.filter((task) => task['TaskStatus'] === 'FAILED');
  print(`${tasks.length - failed.length} of ${tasks.length} devices were updated, ${failed.length} failed:`);
  for (const task of failed) print(`  ${task['DeviceName']}  at ${task['Progress']} %  ${task['TaskDesc']}`);
  const { versions, bytes } = fleet.summary();
  const now = Object.entries(versions).map(([version, count]) => `${count} at ${version}`);
  print(`The fleet now: ${now.join(', ')}; ${(bytes / 1_048_576).toFixed(1)} MiB downloaded.`);
}

async function keepRunning(server: Server, jobId: string): Promise<void> {
  print('\nThe server and the devices keep running until Ctrl-C.');
  print(`Endpoint         ${server.http}`);
  if (server.console !== undefined) print(`Console          ${server.console}`);
  print(`AccessKeyId      ${server.rootKey?.accessKeyId}`);
  print(`AccessKeySecret  ${server.rootKey?.accessKeySecret}`);
  print('For example:');
  print(
    `  OTARU_ENDPOINT=${server.http} OTARU_ACCESS_KEY_ID=${server.rootKey?.accessKeyId} OTARU_ACCESS_KEY_SECRET=${server.rootKey?.accessKeySecret} \\`,
  );
  print(`  npm run -s otaru -- call ListOTATaskByJob JobId=${jobId} CurrentPage=1 PageSize=10 TaskStatus=FAILED`);
  // the timer keeps the process alive; the clock's own do not
  const alive = setInterval(() => undefined, 2 ** 30);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  clearInterval(alive);
}

async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = systemClock.now() + PATIENCE_MS;
  while (!(await done())) {
    if (systemClock.now() > end) throw new CommandError(`Waited ${PATIENCE_MS / 1_000} s in vain for ${what}.`);
    await sleep(250);
  }
}
