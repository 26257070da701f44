import type { DeviceMessage } from '../wire/device-messages.ts';
import type { DeviceRef, Reply, Report } from './device-services.ts';

/** Reports in one transaction: more gain next to nothing, and its rows stay locked for so long. */
const MOST_AT_ONCE = 500;
/** Transactions under way: while one waits for the disk the next one is prepared. */
const BATCHES_AT_ONCE = 2;

/** Records reports in one transaction, of each device one. Answers undefined for one that has to be recorded by itself. */
type RecordReports<Message extends DeviceMessage> = (
  reports: readonly Report<Message>[],
) => Promise<readonly (Reply[] | undefined)[]>;

interface Waiting<Message extends DeviceMessage> extends PromiseWithResolvers<Reply[]> {
  readonly report: Report<Message>;
}

/**
 * Reports of one kind share their transactions (measured-limits 1c: batches take four to eight times as many changes a
 * second as a transaction for each). What comes while others are being written waits for the next batch; a report that
 * comes alone waits for nobody. The reports of one device are recorded in the order in which they came. If a batch
 * fails, each of its reports is tried by itself, so that only what cannot be stored is refused.
 * @returns what takes a report; resolves after the commit with what to answer
 */
export function createReportLane<Message extends DeviceMessage>(record: RecordReports<Message>) {
  let waiting: Waiting<Message>[] = [];
  /** Devices of which a report is being recorded. */
  const busy = new Set<string>();
  let batches = 0;
  let called = false;

  /** The longest waiting reports, one of each device. */
  const take = () => {
    const batch: Waiting<Message>[] = [];
    const left: Waiting<Message>[] = [];
    for (const item of waiting) {
      const { deviceId } = item.report.device;
      if (batch.length === MOST_AT_ONCE || busy.has(deviceId)) {
        left.push(item);
      } else {
        batch.push(item);
        busy.add(deviceId);
      }
    }
    waiting = left;
    return batch;
  };

  const recordAlone = async ({ report, resolve, reject }: Waiting<Message>) => {
    try {
      const [replies = []] = await record([report]);
      resolve(replies);
    } catch (error) {
      reject(error);
    }
    busy.delete(report.device.deviceId);
    call();
  };

  const recordTogether = async (batch: readonly Waiting<Message>[]) => {
    const answers = await record(batch.map(({ report }) => report)).catch(() => []);
    for (const [index, item] of batch.entries()) {
      const replies = answers[index];
      if (!replies) {
        void recordAlone(item);
        continue;
      }
      busy.delete(item.report.device.deviceId);
      item.resolve(replies);
    }
  };

  const work = async () => {
    batches += 1;
    for (let batch = take(); batch.length > 0; batch = take()) {
      const [only] = batch;
      await (batch.length === 1 && only ? recordAlone(only) : recordTogether(batch));
    }
    batches -= 1;
  };

  /** What other connections have to say in this moment comes along. */
  const call = () => {
    if (called || waiting.length === 0 || batches === BATCHES_AT_ONCE) return;
    called = true;
    setImmediate(() => {
      called = false;
      if (batches < BATCHES_AT_ONCE) void work();
    });
  };

  return (device: DeviceRef, message: Message): Promise<Reply[]> => {
    const item = { report: { device, message }, ...Promise.withResolvers<Reply[]>() };
    waiting.push(item);
    call();
    return item.promise;
  };
}
