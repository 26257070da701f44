import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Inbound } from '../../../src/mqtt/inbound.ts';
import { Room } from '../../../src/mqtt/room.ts';
import type { DeviceMessage } from '../../../src/wire/device-messages.ts';

const wide = () => new Room({ messages: 1_000, bytes: 1_000_000 });

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
      const room = wide();
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
        { messages: 10, bytes: 1_000, room },
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
          inbound.report(event.message, messageId, 30 + all.length, runOf(event.message));
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
      expect(room.messages).toBe(0);
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
    { messages: 2, bytes: 100, room: wide() },
  );
  inbound.report('said', 1, 10);
  for (const messageId of [2, 3, 4]) inbound.acknowledge(messageId, 0x99);
  expect(seen).toEqual(['paused']);
  stored.resolve();
  await inbound.idle();
  expect(seen).toEqual(['paused', 1, 2, 3, 4, 'resumed']);
});

/** A connection whose messages are stored when a test says so. */
function connection(bounds: { messages: number; bytes: number; room: Room }) {
  const stores: (() => void)[] = [];
  const state = { paused: false, acknowledged: 0 };
  const inbound = new Inbound<string>(
    {
      hear: () => new Promise((resolve) => stores.push(() => resolve({ reasonCode: 0, answer() {} }))),
      acknowledge() {
        state.acknowledged += 1;
      },
      failed() {},
      pauseReading() {
        state.paused = true;
      },
      resumeReading() {
        state.paused = false;
      },
    },
    bounds,
  );
  const store = async (count: number) => {
    for (let done = 0; done < count; done += 1) {
      stores.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { inbound, state, store };
}

test('reads no further while too many bytes wait, and goes on when half of them are stored', async () => {
  const { inbound, state, store } = connection({ messages: 100, bytes: 1_000, room: wide() });
  for (let messageId = 1; messageId <= 4; messageId += 1) inbound.report('said', messageId, 300);
  expect(state.paused).toBe(true);
  await store(2);
  expect(state).toEqual({ paused: true, acknowledged: 2 });
  await store(1);
  expect(state).toEqual({ paused: false, acknowledged: 3 });
  await store(1);
});

test('of all connections together no more wait than there is room for; whoever sends then is read again later', async () => {
  const room = new Room({ messages: 10, bytes: 1_000 });
  const [one, other, third] = [1, 2, 3].map(() => connection({ messages: 100, bytes: 1_000, room }));
  if (!one || !other || !third) throw new Error('unreachable');
  for (let messageId = 1; messageId <= 9; messageId += 1) one.inbound.report('said', messageId, 10);
  expect(one.state.paused).toBe(false);
  other.inbound.report('said', 1, 10);
  expect([one.state.paused, other.state.paused, third.state.paused]).toEqual([false, true, false]);
  third.inbound.acknowledge(1, 0);
  await other.store(1);
  // its own is stored, and the room is still too full for it
  expect(other.state).toEqual({ paused: true, acknowledged: 1 });
  await one.store(5);
  expect([one.state.paused, other.state.paused, third.state.paused]).toEqual([false, false, false]);
  await one.store(4);
  expect(room.messages).toBe(0);
});

test('what is forgotten gives its room back', async () => {
  const room = new Room({ messages: 10, bytes: 1_000 });
  const { inbound, store } = connection({ messages: 100, bytes: 1_000, room });
  for (let messageId = 1; messageId <= 5; messageId += 1) inbound.report('said', messageId, 10);
  inbound.clear();
  await store(1);
  await inbound.idle();
  expect(room.messages).toBe(0);
});
