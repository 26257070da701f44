import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventTypes } from '../../../src/contract/event-types.ts';
import {
  deviceLifecycleEvent,
  deviceStatusEvent,
  type EventMessage,
  jobUpdatedEvent,
  taskEndedEvent,
  taskProgressEvent,
  versionChangedEvent,
} from '../../../src/wire/event-messages.ts';
import { webhookBody, webhookHeaders, webhookSecret } from '../../../src/wire/standard-webhooks.ts';

const now = Date.UTC(2030, 0, 1, 0, 0, 5, 250);
const device = { deviceId: '0Vbr9CrQoigCX4gQwDkkHA', productKey: 'a1rdip15S91', deviceName: 'lamp-1' };
const jobId = '0Vbr9DrXOCjI8hB23GNm8Q';
const task = {
  ...device,
  module: 'default',
  srcVersion: '1.0.0',
  destVersion: '1.1.0',
  jobId,
  taskId: `${jobId}000001`,
};
const job = { productKey: device.productKey, firmwareId: '0Vbr9CqPUkLXvA2cnvcXn2', jobId, module: 'default' };

const samples: readonly EventMessage[] = [
  deviceStatusEvent(device, 'online', '203.0.113.7', now),
  deviceStatusEvent(device, 'offline', '203.0.113.7', now),
  deviceLifecycleEvent(device, 'create', now),
  deviceLifecycleEvent(device, 'delete', now),
  deviceLifecycleEvent(device, 'enable', now),
  deviceLifecycleEvent(device, 'disable', now),
  taskEndedEvent(task, 'SUCCEEDED', '', now),
  taskEndedEvent(task, 'FAILED', 'flash write error at block 1', now),
  taskEndedEvent(task, 'CANCELED', 'canceled', now),
  taskProgressEvent(task, 60, 'downloading', now),
  versionChangedEvent(device, { module: 'default', version: '1.1.0' }, now),
  jobUpdatedEvent(job, 'COMPLETED', now),
];

/** The body of each event in docs/events.md, by type. */
function documentedBodies(): Map<string, string> {
  const text = readFileSync('docs/events.md', 'utf8');
  return new Map(
    [...text.matchAll(/^### `([a-z.]+)`$[\s\S]*?^```json\n([\s\S]*?)^```$/gm)].map((m) => [m[1] ?? '', m[2] ?? '']),
  );
}

describe('docs/events.md', () => {
  it('names every type of event', () => {
    expect([...documentedBodies().keys()]).toEqual([...eventTypes]);
  });

  it.each(samples.map((sample) => [sample.type, sample] as const))(
    'shows the body of %s as it is sent',
    (type, sample) => {
      const body = webhookBody({ ...sample, payload: JSON.stringify(sample.payload), createdAt: now });
      const shown = documentedBodies().get(type) ?? '';
      expect(shown).toBe(`${JSON.stringify(JSON.parse(body), null, 2)}\n`);
    },
  );

  it('verifies a signature as shown, without a library', () => {
    const code = /^(import \{ createHmac[\s\S]*?)^```$/m.exec(readFileSync('docs/events.md', 'utf8'))?.[1] ?? '';
    const isGenuine = new Function(
      'createHmac',
      'timingSafeEqual',
      `${code.replace(/^import .*$/m, '')}; return isGenuine;`,
    )(createHmac, timingSafeEqual);
    const secret = webhookSecret(Buffer.alloc(32, 1));
    const message = { id: 'msg_1', body: '{"灯":1}' };
    const headers = webhookHeaders(message, Date.now(), [webhookSecret(Buffer.alloc(32, 2)), secret]);
    const body = Buffer.from(message.body);
    expect(isGenuine(headers, body, secret)).toBe(true);
    expect(isGenuine(headers, Buffer.from('{}'), secret)).toBe(false);
    expect(isGenuine(headers, body, webhookSecret(Buffer.alloc(32, 3)))).toBe(false);
    expect(isGenuine(webhookHeaders(message, Date.now() - 400_000, [secret]), body, secret)).toBe(false);
  });
});
