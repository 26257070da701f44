import type { ChannelErrorKey } from '../contract/device-errors.ts';
import { randomBelow } from '../lib/ids.ts';
import type { HeardKind } from '../lib/meters.ts';
import { findDeviceForToken } from '../store/queries/devices.ts';
import { decodeDeviceMessage } from '../wire/device-messages.ts';
import { kindOfOwnTopic } from '../wire/device-topics.ts';
import { MAX_CHANNEL_BODY } from '../wire/http-channel.ts';
import type { ConnectClaim } from '../wire/mqtt-connect.ts';
import type { Counter } from './counter.ts';
import { recordUplink } from './delivery.ts';
import type { Deps } from './deps.ts';
import { loginDevice } from './device-login.ts';
import { issueToken, readToken, type TokenOutcome as TokenHolder } from './device-tokens.ts';
import { type FailedAttempts, unwatched } from './failed-attempts.ts';

type ChannelDeps = Pick<Deps, 'engine' | 'clock' | 'ids' | 'vault' | 'publicUrl' | 'limits'> & {
  /** Counts the messages of a device on this node. */
  readonly deviceRate: Counter;
  /** Nobody watches without it. */
  readonly attempts?: FailedAttempts;
};

interface Refused {
  readonly ok: false;
  readonly error: ChannelErrorKey;
  /** For the log. */
  readonly detail: string;
}

/** How far a timestamp may be from the server's time (device-protocol 7). */
const CLOCK_SKEW_MS = 15 * 60_000;

/** Messages of a device in a second, as over MQTT (device-protocol 1.6). */
const MESSAGES_PER_SECOND = 30;

/**
 * Gives a device a token for the HTTP channel. It does not count as connected.
 * @param claim undefined when the request could not be read
 * @param address of the peer, which may not fail more often than it is allowed to
 */
export async function openChannel(
  deps: ChannelDeps,
  claim: ConnectClaim | undefined,
  address: string,
): Promise<TokenOutcome> {
  const { attempts = unwatched } = deps;
  const outcome = await attempts.guard(address, () => findOut(deps, claim), isForged);
  return outcome === 'throttled' ? refused('tooManyRequests', THROTTLED) : outcome;
}

const THROTTLED = 'too many attempts of this address have failed';

type TokenOutcome = { readonly ok: true; readonly token: string } | Refused;

const isForged = (outcome: { readonly ok: true } | Refused) =>
  !outcome.ok && (outcome.error === 'authFailed' || outcome.error === 'badParameter');

async function findOut(deps: ChannelDeps, claim: ConnectClaim | undefined): Promise<TokenOutcome> {
  if (!claim) return refused('badParameter', 'the body is not what a device sends');
  const timestamp = claim.extension.get('timestamp');
  if (timestamp !== undefined && !/^\d{1,15}$/.test(timestamp))
    return refused('badParameter', 'timestamp is no number');
  if (timestamp !== undefined && Math.abs(Number(timestamp) - deps.clock.now()) > CLOCK_SKEW_MS) {
    return refused('authFailed', 'the timestamp is more than 15 minutes off');
  }
  const login = await loginDevice(deps, claim);
  if (!login.ok) return refused('authFailed', login.detail);
  const device = await findDeviceForToken(deps.engine.read, login.device.deviceId);
  return device ? { ok: true, token: issueToken(deps, device) } : refused('authFailed', 'the device is gone');
}

/**
 * Takes a message that a device posts. Reports are recorded as over MQTT, but what follows from them is not told on this
 * channel; a question, and what means nothing here, is accepted and dropped. Resolves after the commit.
 */
export async function takeUplink(
  deps: ChannelDeps,
  uplink: {
    readonly token: string | undefined;
    readonly topic: string;
    readonly payload: Uint8Array;
    /** Of the peer, which may not fail more often than it is allowed to. */
    readonly address: string;
  },
): Promise<{ readonly ok: true; readonly messageId: bigint; readonly kind: HeardKind } | Refused> {
  const { token, topic, payload, address } = uplink;
  if (!token) return refused('tokenMissing', 'no password header');
  const { attempts = unwatched } = deps;
  const isGuess = (outcome: TokenHolder) => !outcome.ok && outcome.error === 'tokenInvalid';
  const found = await attempts.guard(address, () => readToken(deps, token), isGuess);
  if (found === 'throttled') return refused('tooManyRequests', THROTTLED);
  if (!found.ok) return refused(found.error, 'the token is not good');
  const { device } = found;
  if (deps.deviceRate.take(device.deviceId, 'device-channel', MESSAGES_PER_SECOND) > 0) {
    return refused('tooManyRequests', 'too many messages');
  }
  if (payload.length > MAX_CHANNEL_BODY) return refused('badParameter', 'the body is too large');
  const kind = kindOfOwnTopic(device, topic);
  if (!kind) return refused('publishRefused', 'the topic is not of this device');
  const message = decodeDeviceMessage(kind, payload);
  if (message.kind === 'malformed') return refused('badParameter', message.reason);
  if (message.kind !== 'block') await recordUplink(deps, device, message);
  return { ok: true, messageId: messageId(deps.clock.now()), kind: message.kind };
}

const refused = (error: ChannelErrorKey, detail: string): Refused => ({ ok: false, error, detail });

/** Beyond the 53 bits of a floating-point number, as the vendor's are; later ones are larger. */
const messageId = (now: number): bigint => (BigInt(now) << 20n) | BigInt(randomBelow(2 ** 20));
