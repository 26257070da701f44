import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ChannelErrorKey, channelErrors } from '../contract/device-errors.ts';
import type { Deps } from '../domain/deps.ts';
import { openChannel, takeUplink } from '../domain/device-channel.ts';
import type { Log } from '../lib/log.ts';
import { channelErrorBody, channelMessageBody, channelTokenBody, readChannelClaim } from '../wire/http-channel.ts';
import { header } from './call.ts';
import type { Quota } from './quota.ts';

export type ChannelDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl' | 'limits'> & {
  readonly quota: Quota;
  readonly log: Log;
};

export interface ChannelRequest {
  readonly raw: IncomingMessage;
  readonly body: Buffer;
  readonly ip: string;
}

/** `POST /auth`: a token for a device that signs (device-protocol 7). Never rejects. */
export async function handleAuth(request: ChannelRequest, response: ServerResponse, deps: ChannelDeps): Promise<void> {
  await answer(request, response, deps, async () => {
    const claim = readChannelClaim(request.body);
    const outcome = await openChannel(deps, claim);
    const { productKey, deviceName } = claim ?? {};
    return outcome.ok
      ? channelTokenBody(outcome.token)
      : refuse(deps, outcome.error, { ip: request.ip, productKey, deviceName, reason: outcome.detail });
  });
}

/** `POST /topic/{topic}`: a message of a device that has a token. @param topic begins with a slash */
export async function handleUplink(
  request: ChannelRequest & { readonly topic: string },
  response: ServerResponse,
  deps: ChannelDeps,
): Promise<void> {
  await answer(request, response, deps, async () => {
    const { topic, body: payload, ip, raw } = request;
    const outcome = await takeUplink(deps, { token: header(raw.headers, 'password'), topic, payload });
    return outcome.ok
      ? channelMessageBody(outcome.messageId)
      : refuse(deps, outcome.error, { ip, topic, reason: outcome.detail });
  });
}

/** A body that cannot be taken in at all: it is far too large, or breaks off. */
export async function handleUnreadable(
  request: ChannelRequest,
  response: ServerResponse,
  deps: ChannelDeps,
): Promise<void> {
  await answer(request, response, deps, async () =>
    refuse(deps, 'badParameter', { ip: request.ip, reason: 'the body cannot be read' }),
  );
}

function refuse({ log }: ChannelDeps, error: ChannelErrorKey, fields: object): string {
  log.info({ ...fields, code: channelErrors[error].code }, 'refused a request on the device channel');
  return channelErrorBody(channelErrors[error]);
}

/** C SDKs look for `Content-Length` letter by letter, so this writes through the raw response. The status says nothing. */
async function answer(
  { raw, ip }: ChannelRequest,
  response: ServerResponse,
  { log }: ChannelDeps,
  work: () => Promise<string>,
): Promise<void> {
  let body: string;
  try {
    body = await work();
  } catch (error) {
    log.error({ ip, error }, 'a request on the device channel failed');
    body = channelErrorBody(channelErrors.failed);
  }
  if (response.destroyed) return;
  response.writeHead(200, {
    'Content-Type': 'application/json;charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    // what was not read, a multipart body, is not waited for
    ...(raw.complete ? {} : { Connection: 'close' }),
  });
  response.end(body);
}
