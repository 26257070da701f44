import type { ServerResponse } from 'node:http';
import { type ChannelErrorKey, channelErrors } from '../contract/device-errors.ts';
import type { Counter } from '../domain/counter.ts';
import type { Deps } from '../domain/deps.ts';
import { openChannel, takeUplink } from '../domain/device-channel.ts';
import type { FailedAttempts } from '../domain/failed-attempts.ts';
import type { Log } from '../lib/log.ts';
import { type Meters, noMeters } from '../lib/meters.ts';
import { openTurnstile, TurnedAway, type Turnstile } from '../lib/turnstile.ts';
import { channelErrorBody, channelMessageBody, channelTokenBody, readChannelClaim } from '../wire/http-channel.ts';
import { header } from './call.ts';
import { answerDevice, type DeviceRequest } from './device-answer.ts';

export type ChannelDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl' | 'limits'> & {
  readonly deviceRate: Counter;
  readonly log: Log;
  readonly meters?: Meters;
  readonly attempts?: FailedAttempts;
  /** Bounds the requests of devices that are under way and wait; none without it. */
  readonly devices?: Turnstile;
};

/** `POST /auth`: a token for a device that signs (device-protocol 7). Never rejects. */
export async function handleAuth(request: DeviceRequest, response: ServerResponse, deps: ChannelDeps): Promise<void> {
  await answer(request, response, deps, async () => {
    const claim = readChannelClaim(request.body);
    const outcome = await openChannel(deps, claim, request.ip);
    const { productKey, deviceName } = claim ?? {};
    return outcome.ok
      ? channelTokenBody(outcome.token)
      : refuse(deps, outcome.error, { ip: request.ip, productKey, deviceName, reason: outcome.detail });
  });
}

/** `POST /topic/{topic}`: a message of a device that has a token. @param topic begins with a slash */
export async function handleUplink(
  request: DeviceRequest & { readonly topic: string },
  response: ServerResponse,
  deps: ChannelDeps,
): Promise<void> {
  await answer(request, response, deps, async () => {
    const { topic, body: payload, ip, raw } = request;
    const token = header(raw.headers, 'password');
    const outcome = await takeUplink(deps, { token, topic, payload, address: ip });
    (deps.meters ?? noMeters).heard('http', outcome.ok ? outcome.kind : 'refused');
    return outcome.ok
      ? channelMessageBody(outcome.messageId)
      : refuse(deps, outcome.error, { ip, topic, reason: outcome.detail });
  });
}

/** What cannot be taken in at all: an address with malformed escapes, a body that is far too large or breaks off. */
export async function handleUnreadable(
  request: DeviceRequest,
  response: ServerResponse,
  deps: ChannelDeps,
): Promise<void> {
  await answer(request, response, deps, async () =>
    refuse(deps, 'badParameter', { ip: request.ip, reason: 'the request cannot be read' }),
  );
}

function refuse({ log }: ChannelDeps, error: ChannelErrorKey, fields: object): string {
  log.info({ ...fields, code: channelErrors[error].code }, 'refused a request on the device channel');
  return channelErrorBody(channelErrors[error]);
}

/** The HTTP status says nothing: what matters is the `code`. */
async function answer(
  request: DeviceRequest,
  response: ServerResponse,
  { log, devices = openTurnstile }: ChannelDeps,
  work: () => Promise<string>,
): Promise<void> {
  let body: string;
  try {
    body = await devices.pass(work, request.body.length);
  } catch (error) {
    const isBusy = error instanceof TurnedAway;
    if (!isBusy) log.error({ ip: request.ip, error }, 'a request on the device channel failed');
    body = channelErrorBody(isBusy ? channelErrors.tooManyRequests : channelErrors.failed);
  }
  answerDevice(request, response, { body });
}
