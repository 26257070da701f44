import { initial } from './0001-initial.ts';
import { jobCancel } from './0002-job-cancel.ts';
import { otaModule } from './0003-module.ts';
import { deviceApplications } from './0004-device-applications.ts';
import { outbox } from './0005-outbox.ts';
import { selections } from './0006-selections.ts';
import { dynamic } from './0007-dynamic.ts';
import { webhooks } from './0008-webhooks.ts';
import { amqp } from './0009-amqp.ts';
import { mqttDownload } from './0010-mqtt-download.ts';
import { registration } from './0011-registration.ts';
import { audit } from './0012-audit.ts';
import { call } from './0013-call.ts';
import { quota } from './0014-quota.ts';
import { presence } from './0015-presence.ts';
import { jobList } from './0016-job-list.ts';
import { consoleUsers } from './0017-console.ts';
import { auditAccount } from './0018-audit-account.ts';
import { history } from './0019-history.ts';
import { userStatus } from './0020-user-status.ts';
import { deviceHistory } from './0021-device-history.ts';
import { taskAttempts } from './0022-task-attempts.ts';
import type { Migration } from './migration.ts';

/** Every migration, oldest first. Forward only: a released one is never changed. */
export const migrations: readonly Migration[] = [
  initial,
  jobCancel,
  otaModule,
  deviceApplications,
  outbox,
  selections,
  dynamic,
  webhooks,
  amqp,
  mqttDownload,
  registration,
  audit,
  call,
  quota,
  presence,
  jobList,
  consoleUsers,
  auditAccount,
  history,
  userStatus,
  deviceHistory,
  taskAttempts,
];
