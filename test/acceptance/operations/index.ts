import { accessOperations } from './access.ts';
import { accountOperations } from './account.ts';
import { deviceOperations } from './device.ts';
import { groupOperations } from './group.ts';
import { jobOperations } from './job.ts';
import type { Operation } from './operation.ts';
import { overviewOperations } from './overview.ts';
import { moduleOperations, packageOperations } from './package.ts';
import { productOperations } from './product.ts';
import { subscriptionOperations } from './subscription.ts';
import { webhookOperations } from './webhook.ts';

/** Every operation that the API has, in an order in which each finds what it needs. */
export const operations: readonly Operation[] = [
  ...productOperations,
  ...deviceOperations,
  ...groupOperations,
  ...subscriptionOperations,
  ...packageOperations,
  ...moduleOperations,
  ...jobOperations,
  ...overviewOperations,
  ...webhookOperations,
  ...accountOperations,
  ...accessOperations,
];

/** Operations that the current SDK (3.0.11) does not have; they are called by a request signed by hand instead. */
export const notInSdk: ReadonlySet<string> = new Set([
  'ModifyOTAFirmware',
  'UpdateOTAJob',
  // extensions
  'ListDeviceStatusHistory',
  'ListOTATaskAttempts',
  ...overviewOperations.map(({ action }) => action),
  ...[...webhookOperations, ...accountOperations, ...accessOperations].map(({ action }) => action),
]);
