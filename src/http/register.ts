import type { ServerResponse } from 'node:http';
import { type DeviceErrorKey, deviceErrors } from '../contract/device-errors.ts';
import type { Counter } from '../domain/counter.ts';
import type { Deps } from '../domain/deps.ts';
import { registerOverHttp } from '../domain/dynamic-registration.ts';
import type { Log } from '../lib/log.ts';
import { readRegistrationForm, registrationBody } from '../wire/registration.ts';
import { answerDevice, type DeviceRequest } from './device-answer.ts';

type RegisterDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'> & {
  readonly deviceRate: Counter;
  readonly log: Log;
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
  const { log } = deps;
  const claim = readRegistrationForm(body);
  const { productKey, deviceName } = claim ?? {};
  try {
    const outcome = await registerOverHttp(deps, claim, ip);
    if (!outcome.ok) {
      const error = deviceErrors[outcome.error];
      log.info({ ip, productKey, deviceName, reason: error.message }, 'refused a registration');
      return refuse(request, response, outcome.error);
    }
    log.info({ ip, productKey, deviceName }, 'registered a device');
    answerDevice(request, response, { body: registrationBody(outcome.credentials) });
  } catch (error) {
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
