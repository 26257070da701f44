import { accessActions } from './actions/access.ts';
import { auditActions } from './actions/audit.ts';
import { deviceActions } from './actions/device.ts';
import { firmwareActions } from './actions/firmware.ts';
import { groupActions } from './actions/group.ts';
import { jobActions } from './actions/job.ts';
import { moduleActions } from './actions/module.ts';
import { overviewActions } from './actions/overview.ts';
import { productActions } from './actions/product.ts';
import { quotaActions } from './actions/quota.ts';
import { subscriptionActions } from './actions/subscription.ts';
import { taskActions } from './actions/task.ts';
import { webhookActions } from './actions/webhook.ts';
import type { ValuesOf } from './schema.ts';

/** Every operation that the API knows. */
export const actions = [
  ...productActions,
  ...deviceActions,
  ...groupActions,
  ...firmwareActions,
  ...moduleActions,
  ...jobActions,
  ...taskActions,
  ...subscriptionActions,
  ...overviewActions,
  ...webhookActions,
  ...auditActions,
  ...quotaActions,
  ...accessActions,
] as const;

export type Action = (typeof actions)[number];
export type ActionName = Action['name'];
type Entry<N extends ActionName> = Extract<Action, { readonly name: N }>;

/** What a handler of the action `N` is given: the coerced parameters. */
export type RequestOf<N extends ActionName> = ValuesOf<Entry<N>['request']>;
/** What it answers, without RequestId and Success. */
export type ResponseOf<N extends ActionName> = ValuesOf<Entry<N>['response']>;

export const API_VERSION = '2018-01-20';
