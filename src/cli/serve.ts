import type { Command } from 'commander';
import { type Config, readConfig } from '../config/env.ts';
import type { Log } from '../lib/log.ts';
import { createLog, note, print } from './output.ts';

/** A drain that takes longer than this is cut off. */
const DRAIN_MS = 9_000;

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Run the server. Prints one line of JSON on stdout when it is ready; logs go to stderr.')
    .action(async () => {
      const config = readConfig();
      const log = createLog(config.logLevel);
      const stop = new Promise<string>((resolve) => {
        process.once('SIGTERM', () => resolve('SIGTERM'));
        process.once('SIGINT', () => resolve('SIGINT'));
      });
      const { startServer } = await import('../server.ts'); // two thirds of the program, which no other command waits for
      const server = await startServer(config, { log });
      // a key that the operator chose is known already
      if (server.rootKey && !config.rootKey) {
        note('The root account and its first key were made. The secret is shown only this once:');
        note(`  AccessKeyId      ${server.rootKey.accessKeyId}`);
        note(`  AccessKeySecret  ${server.rootKey.accessKeySecret}`);
      }
      warnAboutPublicUrl(config, server.publicUrl, log);
      const { http, mqtt, amqp, metrics, console } = server;
      print(JSON.stringify({ event: 'ready', http, mqtt, amqp, metrics, console, data: config.data }));
      // programs have the line above
      if (console !== undefined && process.stderr.isTTY) note(`The console: ${console}`);
      const signal = await stop;
      log.info({ signal }, 'draining');
      // what hangs must not keep an orchestrator waiting; everything acknowledged is on disk already
      setTimeout(() => {
        log.error({}, 'the drain took too long and was cut off');
        process.exit(0);
      }, DRAIN_MS).unref();
      await server[Symbol.asyncDispose]();
      log.info({}, 'stopped');
    });
}

/** C device SDKs hand `host:port` of a download URL to the resolver, and fail (device-protocol 4.2). */
function warnAboutPublicUrl(config: Config, publicUrl: string, log: Log): void {
  if (config.publicUrl !== undefined && new URL(publicUrl).port !== '') {
    log.warn({ publicUrl }, 'OTARU_PUBLIC_URL names a port: C device SDKs cannot download from it');
  }
}
