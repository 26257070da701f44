import { systemClock } from '../../../src/lib/clock.ts';
import { randomIds } from '../../../src/lib/ids.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { type Gateway, openGateway } from '../../../src/mqtt/gateway.ts';
import type { Field } from './field.ts';

/** The real gateway in front of rules in memory. Another one on the same port is what a restart of the server looks like. */
export function openFieldGateway({ services, onNudge }: Field, port = 0): Promise<Gateway> {
  const listen = { host: '127.0.0.1', port };
  const limits = { arrivalMs: 50 };
  return openGateway({
    services,
    onNudge,
    clock: systemClock,
    log: silentLog,
    ids: randomIds(systemClock),
    listen,
    limits,
  });
}
