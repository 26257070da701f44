/** The process of the devices that report progress at a steady rate. */

import { systemClock } from '../../src/lib/clock.ts';
import { connectLightClient, type LightClient } from '../../src/simulate/light-client.ts';
import { progressTopic } from '../../src/wire/device-topics.ts';
import { makeConnect } from '../../src/wire/mqtt-connect.ts';
import { filledDevice } from './fill.ts';

export type ReportOrder =
  /** Connects filled devices `from` and following. */
  | {
      readonly op: 'connect';
      readonly mqtt: string;
      readonly productKey: string;
      readonly from: number;
      readonly count: number;
    }
  /** Reports from each device in its turn: first progress, later failure, so that each report changes the state of a task. */
  | { readonly op: 'report'; readonly perSecond: number };

/** How it went; of `connect` nothing is reported before all are connected. */
export interface ReportReport {
  /** Reports whose acknowledgement has come. */
  readonly taken: number;
  readonly seconds: number;
}

const STEPS = ['50', '-1'];
const TICK_MS = 10;
const AT_ONCE = 100;

let devices: { readonly client: LightClient; readonly topic: string }[] = [];

async function connect(order: Extract<ReportOrder, { op: 'connect' }>): Promise<ReportReport> {
  const { hostname, port } = new URL(order.mqtt);
  const started = performance.now();
  for (let index = 0; index < order.count; index += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, order.count - index) }, async (_, offset) => {
      const device = filledDevice(order.productKey, order.from + index + offset);
      const client = await connectLightClient({
        ...makeConnect(device, { extra: { _ss: '1' } }),
        host: hostname,
        port: Number(port),
        clock: systemClock,
        keepaliveS: 1_200,
        onMessage: () => {},
        onClose: () => {},
      });
      return { client, topic: progressTopic(device.productKey, device.deviceName) };
    });
    devices = devices.concat(await Promise.all(some));
  }
  return { taken: 0, seconds: (performance.now() - started) / 1_000 };
}

/** Ends when every device has made each of its steps. */
async function report(perSecond: number): Promise<ReportReport> {
  const total = devices.length * STEPS.length;
  const started = performance.now();
  const under: Promise<void>[] = [];
  while (under.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - started) / 1_000) * perSecond));
    for (let next = under.length; next < due; next += 1) {
      const { client, topic } = devices[next % devices.length] as (typeof devices)[number];
      const step = STEPS[Math.floor(next / devices.length)];
      under.push(client.publish(topic, JSON.stringify({ id: '1', params: { step, desc: '' } }), 1));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(under);
  return { taken: total, seconds: (performance.now() - started) / 1_000 };
}

process.on('message', (order: ReportOrder) => {
  (order.op === 'connect' ? connect(order) : report(order.perSecond)).then(
    (done) => process.send?.(done),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
});
