/** Bounds of the device gateway. Defaults fit the platform's documented ones where it names any. */
export interface GatewayLimits {
  /** Remaining length of one packet, in bytes (device-protocol 1.6: 256 KB per PUBLISH). */
  readonly packetBytes: number;
  /** From accepting a socket to a whole CONNECT. */
  readonly openMs: number;
  /** From CONNECT to CONNACK; a login that takes longer is answered "server unavailable". */
  readonly loginMs: number;
  /** What a device gets to leave that has registered and been told its credentials (device-protocol 2.1). */
  readonly registeredMs: number;
  /** What a peer gets to close its side after this side has said its last word. */
  readonly lingerMs: number;
  /** What all of it may take on shutdown. */
  readonly drainMs: number;
  /** Bytes that a peer has not taken; above it the connection is given up. */
  readonly unsentBytes: number;
  /** Messages of one connection not yet processed; above it the socket is not read. */
  readonly waitingReports: number;
  /** Bytes of their payloads; above it the socket is not read. A packet of the largest size fits. */
  readonly waitingBytes: number;
  /** Messages of all connections together not yet processed; above it nobody who sends is read. */
  readonly allWaitingReports: number;
  /** Bytes of their payloads; above it nobody who sends is read. */
  readonly allWaitingBytes: number;
  /** Pushes sent and not acknowledged at a time; a smaller Receive Maximum of the device goes before it. */
  readonly inFlight: number;
  /** Pushes that wait for a place in flight; above it the connection is given up. */
  readonly waitingPushes: number;
  /** Requests for blocks of a file that wait for their turn; further ones are dropped. */
  readonly waitingBlocks: number;
  /** Blocks of files sent to one device, a second's worth of them in advance. A stock device asks for one at a time. */
  readonly blocksPerSecond: number;
  /**
   * From CONNACK to the first look for packages. A device that reports its version at once is answered at once; one
   * that comes back from an update must not be told of it again before it could say so.
   */
  readonly arrivalMs: number;
  /** Devices asked for in one claim. */
  readonly claimBatch: number;
  /** Between two looks for queued tasks of all connected devices, for nudges that got lost. */
  readonly pollMs: number;
}

export const defaultLimits: GatewayLimits = {
  packetBytes: 262_144,
  openMs: 10_000,
  loginMs: 30_000,
  registeredMs: 15_000,
  lingerMs: 3_000,
  drainMs: 5_000,
  unsentBytes: 1_048_576,
  waitingReports: 100,
  waitingBytes: 524_288,
  allWaitingReports: 50_000,
  allWaitingBytes: 67_108_864,
  inFlight: 16,
  waitingPushes: 100,
  waitingBlocks: 8,
  blocksPerSecond: 200,
  arrivalMs: 2_000,
  claimBatch: 1_000,
  pollMs: 30_000,
};
