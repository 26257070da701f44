import { expect, test } from 'vitest';
import { silentLog } from '../../../src/lib/log.ts';
import { type ClaimScope, Pushes } from '../../../src/mqtt/pushes.ts';
import { createTestClock } from '../../support/test-clock.ts';

const notice = {
  kind: 'upgrade',
  messageId: 1,
  package: { version: '2', module: 'default', isDiff: false, signMethod: 'MD5', files: [], extData: {} },
} as const;
const device = (deviceId: string) => ({ deviceId, productKey: 'pk', deviceName: deviceId });

function open(batch: number, arrivalMs = 0) {
  const clock = createTestClock();
  const asked: string[] = [];
  const told: string[] = [];
  const answers: ((failure?: Error) => void)[] = [];
  const here = new Set(['a', 'b', 'c', 'd', 'e', 'f']);
  const pushes = new Pushes({
    services: {
      claim: (devices, scope: ClaimScope) => {
        asked.push(`${scope} ${devices.map(({ deviceId }) => deviceId).join('')}`);
        const pushes = devices.map((one) => ({ device: one, taskId: 't', notice }));
        return new Promise((resolve, reject) =>
          answers.push((failure) => (failure ? reject(failure) : resolve(pushes))),
        );
      },
    },
    clock,
    log: silentLog,
    batch,
    arrivalMs,
    connected: (deviceId) => (here.has(deviceId) ? device(deviceId) : undefined),
    deliver: ({ device: { deviceId } }) => {
      if (deviceId === 'faulty') throw new Error('it cannot be told');
      told.push(deviceId);
    },
  });
  const answer = async (failure?: Error) => {
    await new Promise((resolve) => setImmediate(resolve));
    answers.shift()?.(failure);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pushes, asked, told, here, answer, clock };
}

test('arrivals, nudges and the poll take turns', async () => {
  const { pushes, asked, answer } = open(2);
  pushes.poll('abcdef');
  pushes.nudged('abc');
  pushes.arrived('e');
  for (let round = 0; round < 6; round++) await answer();
  expect(asked).toEqual(['fresh ab', 'fresh ab', 'all e', 'fresh c', 'fresh cd', 'fresh ef']);
});

test('a device that left while it waited is not asked about', async () => {
  const { pushes, asked, here, answer } = open(2);
  pushes.nudged('ab');
  await answer();
  pushes.nudged('cdx');
  pushes.nudged('ef');
  here.delete('c');
  here.delete('d');
  for (let round = 0; round < 3; round++) await answer();
  expect(asked.join()).not.toContain('c');
  expect(asked.join()).not.toContain('x');
});

test('after a claim that failed, and may have taken effect, it is asked what the devices were told before, too', async () => {
  const { pushes, asked, answer, clock } = open(2);
  pushes.nudged('abc');
  await answer(new Error('the connection was lost at the commit'));
  await clock.advance(2_000);
  for (let round = 0; round < 2; round++) await answer();
  expect(asked).toEqual(['fresh ab', 'fresh c', 'all ab']);
});

test('stopping waits for the claim under way and begins no other', async () => {
  const { pushes, asked, answer } = open(2);
  pushes.nudged('abcd');
  await new Promise((resolve) => setImmediate(resolve));
  let stopped = false;
  const stop = pushes.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  await answer();
  await stop;
  pushes.nudged('e');
  await answer();
  expect(asked).toEqual(['fresh ab']);
});

test('a device that has just connected is given the time to report before it is asked about', async () => {
  const { pushes, asked, answer, clock } = open(10, 2_000);
  pushes.arrived('a');
  await clock.advance(1_500);
  pushes.arrived('b');
  // it came back before its time was up: its time begins anew
  pushes.arrived('a');
  await clock.advance(1_999);
  await answer();
  expect(asked).toEqual([]);
  await clock.advance(1);
  await answer();
  expect(asked).toEqual(['all ba']);
});

test('what comes back after a stop is not asked about', async () => {
  const { pushes, asked, clock } = open(10, 2_000);
  pushes.arrived('a');
  await pushes.stop();
  await clock.advance(5_000);
  expect(asked).toEqual([]);
});

test('while many are told the next are asked about; all are told in the order in which they were asked about', async () => {
  const { pushes, asked, told, here, answer } = open(250);
  const many = Array.from({ length: 300 }, (_, index) => `m${index}`);
  for (const one of many) here.add(one);
  pushes.nudged(many);
  await new Promise((resolve) => setImmediate(resolve));
  const answered = answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toHaveLength(2);
  expect(told.length).toBeLessThan(250);
  await answered;
  await answer();
  await pushes.stop();
  expect(told).toEqual(many);
});

test('one that cannot be told does no harm to the others, and is asked about again', async () => {
  const { pushes, asked, told, here, answer, clock } = open(2);
  here.add('faulty');
  pushes.nudged(['a', 'faulty', 'b']);
  await answer();
  expect(told).toEqual(['a']);
  here.delete('faulty');
  await clock.advance(2_000);
  for (let round = 0; round < 2; round++) await answer();
  expect(asked.slice(1)).toEqual(['fresh b', 'all a']);
  expect(told).toEqual(['a', 'b', 'a']);
});
