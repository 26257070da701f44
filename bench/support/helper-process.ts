import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A process beside the server's that does what it is told, one order at a time. */
export interface HelperProcess<Order, Report> extends AsyncDisposable {
  /** @throws when the process ends before it has reported */
  ask(order: Order): Promise<Report>;
}

/** @param script beside this file */
export function startHelper<Order extends object, Report>(script: string): HelperProcess<Order, Report> {
  const child = fork(join(import.meta.dirname, script), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {}); // heard by who asks
  child.once('error', ended.reject);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      ended.reject(new Error(`${script} ended with ${code}`));
      resolve();
    });
  });
  return {
    ask(order) {
      const report = new Promise<Report>((resolve) => child.once('message', (message) => resolve(message as Report)));
      child.send(order);
      return Promise.race([report, ended.promise]);
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
    },
  };
}
