/**
 * Limits that a deployment chooses between: `aliyun` as documented, `open` without those that only
 * a rented cloud needs. Limits of the protocol itself (256 KB messages, 254-character URLs) are not here.
 */
export interface Limits {
  /** Enforce the calls per second of each action. */
  readonly quotas: boolean;
  /** RAM users of an account, and keys of each and of the account itself. */
  readonly users: number;
  readonly keysPerUser: number;
  readonly products: number;
  readonly devicesPerProduct: number;
  readonly groups: number;
  readonly devicesPerGroup: number;
  readonly groupsPerDevice: number;
  readonly dynamicGroups: number;
  /** Characters, and conditions, of the rule of a dynamic group. */
  readonly searchLength: number;
  readonly searchConditions: number;
  readonly packages: number;
  /** Modules of a product beside `default`. */
  readonly modulesPerProduct: number;
  /** Sub-devices behind one gateway; their list fits into one MQTT message. */
  readonly subDevicesPerGateway: number;
  readonly consumerGroups: number;
  /** Consumer groups in the subscription of a product, and products that a group subscribes to. */
  readonly groupsPerSubscription: number;
  readonly productsPerConsumerGroup: number;
  /** Consumers of a group that are connected at a time, over all nodes. */
  readonly consumersPerGroup: number;
  /** Consumers of a group that may connect within a minute, over all nodes. */
  readonly consumerConnectsPerMinute: number;
  /** Logins, registrations and tokens of an address that may fail within a minute, on each node. */
  readonly failedAttemptsPerMinute: number;
  /** TargetDeviceName.N of a static job. */
  readonly staticTargets: number;
  /** Names of a device list. */
  readonly listedTargets: number;
  /** Bytes of a device list: as many names of the greatest length, each in quotes on a line of its own. */
  readonly deviceListBytes: number;
  /** TargetDeviceName.N of a verify job. */
  readonly verifyTargets: number;
  /** Largest CurrentPage × PageSize of ListOTATaskByJob. */
  readonly taskDepth: number;
  /** Largest CurrentPage × PageSize of QueryDevice without and with NextToken. */
  readonly deviceDepth: number;
  readonly deviceDepthWithToken: number;
  /** Bytes of a package file. */
  readonly packageBytes: number;
  /** Bytes of a file that devices may fetch over MQTT. */
  readonly mqttFileBytes: number;
  /** Seconds that a device's download URL stays valid. */
  readonly downloadSeconds: number;
}

export const limitProfiles = {
  aliyun: {
    quotas: true,
    users: 1_000,
    keysPerUser: 10,
    products: 1_000,
    devicesPerProduct: 1_000_000,
    groups: 1_000,
    devicesPerGroup: 100_000,
    groupsPerDevice: 10,
    dynamicGroups: 10,
    searchLength: 400,
    searchConditions: 5,
    packages: 500,
    modulesPerProduct: 10,
    subDevicesPerGateway: 2_000,
    consumerGroups: 1_000,
    groupsPerSubscription: 10,
    productsPerConsumerGroup: 1_000,
    consumersPerGroup: 64,
    consumerConnectsPerMinute: 100,
    failedAttemptsPerMinute: 600,
    staticTargets: 200,
    listedTargets: 1_000_000,
    // 1,000,000 names do not fit into the 5 MB that the same documents name (openapi-ota 4.2)
    deviceListBytes: 41_943_040,
    verifyTargets: 10,
    taskDepth: 100_000,
    deviceDepth: 10_000,
    deviceDepthWithToken: 1_000_000,
    packageBytes: 1_048_576_000,
    mqttFileBytes: 16_777_216,
    downloadSeconds: 86_400,
  },
  open: {
    quotas: false,
    users: 100_000,
    keysPerUser: 100,
    products: 1_000_000,
    devicesPerProduct: 100_000_000,
    groups: 1_000_000,
    devicesPerGroup: 100_000_000,
    groupsPerDevice: 1_000,
    dynamicGroups: 1_000,
    searchLength: 4_000,
    searchConditions: 100,
    packages: 1_000_000,
    modulesPerProduct: 1_000,
    subDevicesPerGateway: 2_000,
    consumerGroups: 1_000_000,
    groupsPerSubscription: 1_000,
    productsPerConsumerGroup: 1_000_000,
    consumersPerGroup: 10_000,
    consumerConnectsPerMinute: 1_000_000,
    failedAttemptsPerMinute: 60_000,
    staticTargets: 10_000,
    // as many tasks as a job is made for
    listedTargets: 1_000_000,
    deviceListBytes: 41_943_040,
    verifyTargets: 1_000,
    taskDepth: Number.MAX_SAFE_INTEGER,
    deviceDepth: Number.MAX_SAFE_INTEGER,
    deviceDepthWithToken: Number.MAX_SAFE_INTEGER,
    // OSS ends a form upload at 5 GB; a larger image than that is not firmware (storage-and-events 1.4)
    packageBytes: 5_368_709_120,
    // devices count offsets in 32 bits
    mqttFileBytes: 4_294_967_295,
    downloadSeconds: 7 * 86_400,
  },
} as const satisfies Record<string, Limits>;

export type LimitProfile = keyof typeof limitProfiles;
