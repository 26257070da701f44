/** How often a device was handed one version of one module. */
export interface PushRecord {
  readonly module: string;
  readonly version: string;
  /** Upgrade messages and answers to `firmware/get`, all of them. */
  readonly received: number;
  /**
   * Those of them that came while that very update was under way, up to the acknowledged report of the version: a server
   * that tells a device at every connect (device-protocol 3.10) also does so at the boot after an installation.
   */
  readonly duplicates: number;
  /**
   * Those that came after the server had acknowledged the end: the new version, or a failure. A server that retries a failed
   * task or runs another job does that rightly; otherwise it has forgotten what it acknowledged.
   */
  readonly afterEnd: number;
}

export interface PushLog {
  received(module: string, version: string, duplicate: boolean): void;
  /** The server has acknowledged how the update ended. */
  ended(module: string, version: string): void;
  records(): readonly PushRecord[];
}

export function createPushLog(): PushLog {
  const entries: Array<{ -readonly [K in keyof PushRecord]: PushRecord[K] } & { ended: boolean }> = [];
  const entry = (module: string, version: string) => {
    let found = entries.find((known) => known.module === module && known.version === version);
    if (found === undefined) {
      found = { module, version, received: 0, duplicates: 0, afterEnd: 0, ended: false };
      entries.push(found);
    }
    return found;
  };
  return {
    received(module, version, duplicate) {
      const found = entry(module, version);
      found.received++;
      if (duplicate) found.duplicates++;
      if (found.ended) found.afterEnd++;
    },
    ended(module, version) {
      entry(module, version).ended = true;
    },
    records: () => entries.map(({ ended, ...record }) => record),
  };
}
