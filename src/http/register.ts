import type { ServerResponse } from 'node:http';
import { deviceErrors } from '../contract/device-errors.ts';
import type { Deps } from '../domain/deps.ts';
import { registerDynamically } from '../domain/dynamic-registration.ts';
import type { Log } from '../lib/log.ts';
import { readRegistrationForm, registrationBody } from '../wire/registration.ts';

type RegisterDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'limits'> & { readonly log: Log };

/**
 * Answers a dynamic registration over HTTP, plain or through a proxy that ends TLS (device-protocol 2.2). Writes through
 * the raw response: C 3.x needs `Content-Length` in exactly this spelling. Never rejects.
 */
export async function handleRegistration(
  { body, ip }: { readonly body: Buffer; readonly ip: string },
  response: ServerResponse,
  deps: RegisterDeps,
): Promise<void> {
  const claim = readRegistrationForm(body.toString());
  if (!claim) return answer(response, registrationBody(deviceErrors.badRequest));
  const { productKey, deviceName } = claim;
  const { log } = deps;
  try {
    const outcome = await registerDynamically(deps, 'register', claim);
    if (!outcome.ok) {
      const error = deviceErrors[outcome.error];
      log.info({ ip, productKey, deviceName, reason: error.message }, 'refused a registration');
      return answer(response, registrationBody(error));
    }
    if (outcome.credentials.kind !== 'register') throw new Error('registered in another way than asked for');
    log.info({ ip, productKey, deviceName }, 'registered a device');
    answer(response, registrationBody(outcome.credentials));
  } catch (error) {
    log.error({ ip, productKey, deviceName, error }, 'a registration failed');
    answer(response, registrationBody(deviceErrors.serverError), 500);
  }
}

function answer(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, {
    'Content-Type': 'application/json;charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
