/**
 * What a device is told that asked for something and does not get it: numbers in the `code` of its answer, as the
 * vendor's lists for devices and sub-devices have them (device-protocol 2.2, 8). CONNACK has codes of its own.
 */
export interface DeviceError {
  readonly code: number;
  readonly message: string;
}

const error = (code: number, message: string): DeviceError => ({ code, message });

export const deviceErrors = {
  badRequest: error(460, 'request parameter error'),
  tooManyRequests: error(429, 'too many requests'),
  serverError: error(500, 'server error'),
  tooManySubDevices: error(428, 'too many subdevices under gateway'),
  connectedElsewhere: error(427, 'device connect in elsewhere'),
  noSession: error(520, 'device no session'),
  sessionError: error(520, 'device session error'),
  requestAuth: error(401, 'request auth error'),
  noTopology: error(6401, 'topo relation not exist'),
  ownTopology: error(6402, 'topo relation cannot add by self'),
  boundElsewhere: error(6619, 'device bound to another gateway'),
  // a number of our own
  noGateway: error(6400, 'the product is no gateway'),
  deviceNotFound: error(6100, 'device not found'),
  deviceDisabled: error(522, 'device forbidden'),
  deviceDeleted: error(521, 'device deleted'),
  invalidSign: error(6287, 'invalid sign'),
  // no list explains these two; they are what is remembered of the service
  registrationOff: error(6288, 'dynamic registration disabled'),
  alreadyActive: error(6289, 'device already active'),
  tooManyDevices: error(6201, 'the product has too many devices'),
} as const satisfies Record<string, DeviceError>;

export type DeviceErrorKey = keyof typeof deviceErrors;

/** What the HTTP channel answers (device-protocol 7). 20004, a session that cannot be updated, has no cause here. */
export const channelErrors = {
  failed: error(10_000, 'common error'),
  badParameter: error(10_001, 'param error'),
  authFailed: error(20_000, 'auth check error'),
  tokenExpired: error(20_001, 'token is expired'),
  tokenMissing: error(20_002, 'token is null'),
  tokenInvalid: error(20_003, 'check token error'),
  publishRefused: error(30_001, 'publish message error'),
  tooManyRequests: error(40_000, 'request too many'),
} as const satisfies Record<string, DeviceError>;

export type ChannelErrorKey = keyof typeof channelErrors;
