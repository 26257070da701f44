import { describe, expect, it } from 'vitest';
import {
  deviceLifecycleEvent,
  deviceStatusEvent,
  jobUpdatedEvent,
  taskEndedEvent,
  taskProgressEvent,
  versionChangedEvent,
} from '../../../src/wire/event-messages.ts';

const device = { deviceId: '4z819V', productKey: 'a1', deviceName: 'dn1' };
const task = { ...device, module: 'default', srcVersion: '1.0.1', destVersion: '1.0.2', jobId: 'j1', taskId: 't1' };
const now = Date.UTC(2018, 7, 31, 7, 32, 28, 205);

describe('an event', () => {
  it('of a connection tells the time of Beijing and UTC (storage-and-events 3.5)', () => {
    expect(deviceStatusEvent(device, 'online', '203.0.113.7', now)).toEqual({
      productKey: 'a1',
      topic: '/as/mqtt/status/a1/dn1',
      type: 'device.online',
      payload: {
        status: 'online',
        iotId: '4z819V',
        productKey: 'a1',
        deviceName: 'dn1',
        time: '2018-08-31 15:32:28.205',
        utcTime: '2018-08-31T07:32:28.205Z',
        lastTime: '2018-08-31 15:32:28.205',
        utcLastTime: '2018-08-31T07:32:28.205Z',
        clientIp: '203.0.113.7',
      },
    });
  });

  it('of a new device holds no secret', () => {
    expect(deviceLifecycleEvent(device, 'create', now)).toMatchObject({
      topic: '/a1/dn1/thing/lifecycle',
      type: 'device.created',
      payload: { action: 'create', deviceSecret: '', messageCreateTime: now },
    });
  });

  it('of a task that ended well says success', () => {
    expect(taskEndedEvent(task, 'SUCCEEDED', '', now)).toMatchObject({
      topic: '/a1/dn1/ota/upgrade',
      type: 'ota.task.succeeded',
      payload: { status: 'SUCCEEDED', desc: 'success', srcVersion: '1.0.1', destVersion: '1.0.2', taskId: 't1' },
    });
    expect(taskEndedEvent(task, 'FAILED', 'timeout', now)).toMatchObject({
      type: 'ota.task.failed',
      payload: { status: 'FAILED', desc: 'timeout' },
    });
  });

  it('of progress has a number for its step', () => {
    expect(taskProgressEvent(task, -2, 'no route', now)).toMatchObject({
      topic: '/a1/dn1/ota/progress/post',
      payload: { step: -2, desc: 'no route', moduleName: 'default' },
    });
  });

  it('of a version and of a job have the documented members', () => {
    expect(versionChangedEvent(device, { module: 'MCU', version: '1.0.3' }, now)).toMatchObject({
      topic: '/a1/dn1/ota/version/post',
      payload: { moduleName: 'MCU', moduleVersion: '1.0.3' },
    });
    const job = { productKey: 'a1', firmwareId: 'f1', jobId: 'j1', module: 'default' };
    expect(jobUpdatedEvent(job, 'PLANNED', now)).toMatchObject({
      topic: '/a1/f1/j1/ota/job/status',
      payload: { packageId: 'f1', jobId: 'j1', status: 'PLANNED' },
    });
  });
});
