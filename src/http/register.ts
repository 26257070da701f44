import type { ServerResponse } from 'node:http';
import { type DeviceErrorKey, deviceErrors } from '../contract/device-errors.ts';
import type { Deps } from '../domain/deps.ts';
import { registerOverHttp } from '../domain/dynamic-registration.ts';
import type { FailedAttempts } from '../domain/failed-attempts.ts';
import type { Log } from '../lib/log.ts';
import { openTurnstile, TurnedAway, type Turnstile } from '../lib/turnstile.ts';
import { readRegistrationForm, registrationBody } from '../wire/registration.ts';
import { answerDevice, type DeviceRequest } from './device-answer.ts';

type RegisterDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'> & {
  readonly attempts?: FailedAttempts;
  readonly log: Log;
  /** Bounds the requests of devices that are under way and wait; none without it. */
  readonly devices?: Turnstile;
};

/**
 * Answers a dynamic registration over HTTP, plain or through a proxy that ends TLS (device-protocol 2.2). Never rejects.
 */
export async function handleRegistration(
  request: DeviceRequest,
  response: ServerResponse,
  deps: RegisterDeps,
): Promise<void> {
  const { body, ip } = request;
  const { log, devices = openTurnstile } = deps;
  const claim = readRegistrationForm(body);
  const { productKey, deviceName } = claim ?? {};
  try {
    const outcome = await devices.pass(() => registerOverHttp(deps, claim, ip), body.length);
    if (!outcome.ok) {
      const error = deviceErrors[outcome.error];
      log.info({ ip, productKey, deviceName, reason: error.message }, 'refused a registration');
      return refuse(request, response, outcome.error);
    }
    log.info({ ip, productKey, deviceName }, 'registered a device');
    answerDevice(request, response, { body: registrationBody(outcome.credentials) });
  } catch (error) {
    if (error instanceof TurnedAway) return refuse(request, response, 'tooManyRequests');
    log.error({ ip, productKey, deviceName, error }, 'a registration failed');
    refuse(request, response, 'serverError', 500);
  }
}

/** A body that cannot be taken in at all: it is far too large, or breaks off. */
export const refuseRegistration = (request: DeviceRequest, response: ServerResponse): void =>
  refuse(request, response, 'badRequest');

function refuse(request: DeviceRequest, response: ServerResponse, error: DeviceErrorKey, status = 200): void {
  answerDevice(request, response, { body: registrationBody(deviceErrors[error]), status });
}
