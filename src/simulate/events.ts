import type { FailureStep } from './misbehaviour.ts';

/** What happens to a simulated device, in the order in which it happens. */
export type DeviceEvent = { readonly device: string } & DeviceHappening;

export type DeviceHappening =
  | { readonly kind: 'connected' }
  /** CONNACK with a code other than 0; the device tries again later. */
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'disconnected'; readonly reason: string }
  /** The server has acknowledged the report of this version. */
  | { readonly kind: 'informed'; readonly module: string; readonly version: string }
  | { readonly kind: 'pushed'; readonly module: string; readonly version: string; readonly via: 'push' | 'get' }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'progress'; readonly module: string; readonly percent: number }
  /** A download goes on at byte `offset` after its connection was cut. */
  | { readonly kind: 'resumed'; readonly offset: number; readonly reason: string }
  | { readonly kind: 'downloaded'; readonly module: string; readonly version: string; readonly bytes: number }
  | { readonly kind: 'failed'; readonly module: string; readonly step: FailureStep; readonly description: string }
  | { readonly kind: 'hung' }
  | { readonly kind: 'powerLost'; readonly returns: boolean }
  /** The server has acknowledged the report of another version than it had pushed. */
  | { readonly kind: 'misreported'; readonly module: string; readonly version: string }
  /** The server has acknowledged the report of the version that it had pushed. */
  | { readonly kind: 'updated'; readonly module: string; readonly version: string };
