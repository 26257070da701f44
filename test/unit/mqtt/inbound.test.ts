import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Inbound } from '../../../src/mqtt/inbound.ts';
import type { DeviceMessage } from '../../../src/wire/device-messages.ts';

type Event =
  | { readonly kind: 'message'; readonly message: DeviceMessage; readonly qos: 0 | 1 }
  | { readonly kind: 'dropped'; readonly qos: 0 | 1 }
  | { readonly kind: 'stored' };

const qos = fc.constantFrom<0 | 1>(0, 1);
const module = fc.constantFrom('a', 'b', 'c');
const message: fc.Arbitrary<DeviceMessage> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('progress' as const),
      id: fc.constant(''),
      module,
      step: fc.integer({ min: -1, max: 100 }),
      description: fc.constant(''),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('inform' as const),
      id: fc.constant(''),
      module,
      version: fc.constant('1'),
    }),
  },
);
const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('message' as const), message, qos }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('dropped' as const), qos }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('stored' as const) }) },
  ),
  { maxLength: 60 },
);

const isProgress = (said: DeviceMessage) => said.kind === 'progress' && said.step >= 0;

const runOf = (said: DeviceMessage) => (isProgress(said) && 'module' in said ? said.module : undefined);

test('whatever comes, in whatever rhythm: acknowledged in order after being stored, and only stale progress is passed over', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (sequence: Event[]) => {
      const stored: DeviceMessage[] = [];
      const acknowledged: number[] = [];
      const expected: number[] = [];
      /** By message id, what must be stored before its PUBACK: the message or a newer progress of its module. */
      const said = new Map<number, DeviceMessage>();
      const all: DeviceMessage[] = [];
      const waiting: (() => void)[] = [];
      let paused = false;
      let underWay = 0;
      const inbound = new Inbound<DeviceMessage>(
        {
          hear(report) {
            expect(++underWay).toBe(1);
            return new Promise((resolve) => {
              waiting.push(() => {
                underWay--;
                stored.push(report);
                resolve({ reasonCode: 0, answer: () => undefined });
              });
            });
          },
          acknowledge(messageId) {
            acknowledged.push(messageId);
            const mine = said.get(messageId);
            if (!mine) return;
            const covered = stored.some(
              (report) =>
                report === mine ||
                (isProgress(mine) &&
                  isProgress(report) &&
                  'module' in report &&
                  'module' in mine &&
                  report.module === mine.module &&
                  all.indexOf(report) > all.indexOf(mine)),
            );
            expect(covered).toBe(true);
          },
          failed(error) {
            throw error;
          },
          pauseReading() {
            expect(paused).toBe(false);
            paused = true;
          },
          resumeReading() {
            expect(paused).toBe(true);
            paused = false;
          },
        },
        10,
      );
      let lastId = 0;
      for (const event of sequence) {
        if (event.kind === 'stored') {
          waiting.shift()?.();
          await Promise.resolve();
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        const messageId = event.qos === 0 ? 0 : ++lastId;
        if (messageId !== 0) expected.push(messageId);
        if (event.kind === 'dropped') {
          inbound.acknowledge(messageId, 0);
        } else {
          all.push(event.message);
          if (messageId !== 0) said.set(messageId, event.message);
          inbound.report(event.message, messageId, runOf(event.message));
        }
      }
      const idle = inbound.idle();
      while (underWay > 0) {
        waiting.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await idle;
      expect(acknowledged).toEqual(expected);
      expect(paused).toBe(false);
      // what is not progress is stored, all of it, in order
      const others = (list: DeviceMessage[]) => list.filter((each) => !isProgress(each));
      expect(others(stored)).toEqual(others(all));
      // of progress, the last before anything else is stored
      const final = new Map<string, DeviceMessage>();
      const check = () => {
        for (const each of final.values()) expect(stored).toContain(each);
        final.clear();
      };
      for (const each of all) {
        if (isProgress(each) && 'module' in each) final.set(each.module ?? '', each);
        else check();
      }
      check();
    }),
    { numRuns: 200 },
  );
});

test('reads no further while too many wait for nothing but their acknowledgement', async () => {
  const stored = Promise.withResolvers<void>();
  const seen: (string | number)[] = [];
  const inbound = new Inbound<string>(
    {
      async hear() {
        await stored.promise;
        return { reasonCode: 0, answer() {} };
      },
      acknowledge: (messageId) => void seen.push(messageId),
      failed() {},
      pauseReading: () => void seen.push('paused'),
      resumeReading: () => void seen.push('resumed'),
    },
    2,
  );
  inbound.report('said', 1);
  for (const messageId of [2, 3, 4]) inbound.acknowledge(messageId, 0x99);
  expect(seen).toEqual(['paused']);
  stored.resolve();
  await inbound.idle();
  expect(seen).toEqual(['paused', 1, 2, 3, 4, 'resumed']);
});
