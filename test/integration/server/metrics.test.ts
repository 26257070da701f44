import { request } from 'node:http';
import { createServer } from 'node:net';
import { sql } from 'kysely';
import mqtt from 'mqtt';
import { expect, it, onTestFinished } from 'vitest';
import { createApiClient, uploadPackage } from '../../../src/cli/api-client.ts';
import { makeConnect } from '../../../src/wire/mqtt-connect.ts';
import { eachEngine, type TestDatabase } from '../../support/engines.ts';
import { startWholeServer } from '../../support/whole-server.ts';

async function serve(database: TestDatabase, settings: Record<string, string> = {}) {
  const running = await startWholeServer(database, settings);
  const { server, open } = running;
  const api = createApiClient(server.http, server.rootKey as NonNullable<typeof server.rootKey>);
  /** The samples of a scrape by name and labels, as they stand on the line. */
  const scrape = async () => {
    const response = await fetch(server.metrics as string);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.split(' ').at(-1))]));
  };
  /** Scrapes until a sample has a value: what was counted after a commit may come a moment later. */
  const until = async (sample: string, value: number) => {
    await expect.poll(async () => (await scrape()).get(sample), { timeout: 10_000 }).toBe(value);
  };
  return { server, api, scrape, until, open, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

eachEngine('metrics', (database) => {
  it('count calls, devices, messages, tasks, downloads and transactions of an update', async () => {
    await using running = await serve(database);
    const { server, api, scrape, until } = running;
    const { ProductKey } = await api.call('CreateProduct', { ProductName: 'lamp', NodeType: 0 });
    const { Data: device } = await api.call('RegisterDevice', { ProductKey, DeviceName: 'lamp-1' });
    await api.call('RegisterDevice', { ProductKey, DeviceName: 'lamp-2' });
    const refused = await api.call('QueryProduct', { ProductKey: 'a1Unknown0' }).catch((error) => error.code);
    expect(refused).toMatch(/^iot\.prod\./);
    await expect(api.call('QueryProduct')).rejects.toThrow('MissingProductKey');
    await expect(api.call('NoSuchAction')).rejects.toThrow();
    const { Data: firmware } = await api.call('CreateOTAFirmware', {
      FirmwareName: 'lamp-2',
      DestVersion: '2.0.0',
      ProductKey,
      FirmwareUrl: await uploadPackage(api, Buffer.alloc(100_000)),
      NeedToVerify: false,
    });

    const connect = (deviceSecret: string) =>
      mqtt.connectAsync(`${server.mqtt}`, {
        ...makeConnect({ productKey: ProductKey, deviceName: 'lamp-1', deviceSecret }),
        protocolVersion: 4,
        reconnectPeriod: 0,
      });
    await expect(connect('wrong')).rejects.toThrow();
    const link = await connect(device.DeviceSecret);
    const names = `${ProductKey}/lamp-1`;
    const pushed = new Promise<string>((resolve) => {
      link.on('message', (_topic, payload) => resolve(JSON.parse(payload.toString()).data.url));
    });
    const say = (what: string, params: object) =>
      link.publishAsync(`/ota/device/${what}/${names}`, JSON.stringify({ id: '1', params }), { qos: 1 });
    await say('inform', { version: '1.0.0' });
    await link.publishAsync(`/ota/device/inform/${names}`, 'no JSON', { qos: 1 });
    await link.publishAsync(`/ota/device/inform/${ProductKey}/lamp-2`, '{}', { qos: 1 });
    await api.call('CreateOTAStaticUpgradeJob', {
      FirmwareId: firmware.FirmwareId,
      ProductKey,
      TargetSelection: 'SPECIFIC',
      TargetDeviceName: ['lamp-1'],
    });
    const file = await fetch(await pushed);
    expect((await file.arrayBuffer()).byteLength).toBe(100_000);
    await fetch(`${server.http}/ota/none`);
    await say('progress', { step: '50', desc: '' });
    await say('inform', { version: '2.0.0' });

    await until('otaru_task_transitions_total{status="SUCCEEDED"}', 1);
    await until('otaru_download_requests_total{outcome="complete"}', 1);
    const samples = await scrape();
    const told = {
      'otaru_api_calls_total{action="RegisterDevice",code="OK"}': 2,
      [`otaru_api_calls_total{action="QueryProduct",code="${refused}"}`]: 1,
      'otaru_api_calls_total{action="QueryProduct",code="Missing"}': 1,
      'otaru_api_calls_total{action="",code="InvalidAction.NotFound"}': 1,
      'otaru_api_call_duration_seconds_count{action="RegisterDevice"}': 2,
      otaru_device_connections: 1,
      otaru_devices_connected: 1,
      otaru_sub_devices_connected: 0,
      'otaru_device_connects_total{result="accepted"}': 1,
      'otaru_device_connects_total{result="credentials"}': 1,
      'otaru_device_messages_received_total{channel="mqtt",kind="inform"}': 2,
      'otaru_device_messages_received_total{channel="mqtt",kind="progress"}': 1,
      'otaru_device_messages_received_total{channel="mqtt",kind="malformed"}': 1,
      'otaru_device_messages_received_total{channel="mqtt",kind="foreign"}': 1,
      'otaru_device_messages_sent_total{kind="push"}': 1,
      'otaru_task_transitions_total{status="QUEUED"}': 1,
      'otaru_task_transitions_total{status="NOTIFIED"}': 1,
      'otaru_task_transitions_total{status="IN_PROGRESS"}': 1,
      'otaru_download_requests_total{outcome="refused"}': 1,
      otaru_downloads_active: 0,
      otaru_oldest_due_task_age_seconds: 0,
      'otaru_outbox_waiting{consumer="webhook"}': 0,
      'otaru_outbox_oldest_due_age_seconds{consumer="amqp"}': 0,
      otaru_backlog_failures_total: 0,
    };
    expect(Object.fromEntries(Object.keys(told).map((name) => [name, samples.get(name)]))).toEqual(told);
    const value = (name: string) => samples.get(name) ?? Number.NaN;
    expect(value('otaru_download_bytes_total{channel="http"}')).toBeGreaterThanOrEqual(100_000);
    expect(value('otaru_download_bytes_total{channel="http"}')).toBeLessThan(102_000);
    expect(value('otaru_database_transactions_total')).toBeGreaterThan(10);
    expect(value('otaru_database_commits_total')).toBeLessThanOrEqual(value('otaru_database_transactions_total'));
    expect(value('otaru_database_transaction_duration_seconds_count{outcome="committed"}')).toBeGreaterThan(10);
    expect(value('otaru_scheduler_step_duration_seconds_count{loop="job step",outcome="done"}')).toBeGreaterThan(0);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);

    // nothing that somebody named is a label, so their number does not grow with devices, jobs or callers
    const text = [...samples.keys()].join('\n');
    for (const name of [ProductKey, 'lamp', firmware.FirmwareId, 'NoSuchAction']) expect(text).not.toContain(name);
    await link.endAsync();
    await until('otaru_devices_connected', 0);
  });

  it('tell what is due and what waits in the outbox, and read it no more often than every 10 seconds', async () => {
    await using running = await serve(database);
    const { scrape, open } = running;
    const engine = await open();
    try {
      await engine.transaction(async ({ db }) => {
        const due = Date.now() - 60_000;
        // of a group that nobody consumes
        const row = { state: 'due', due_at: due, attempts: 0, note: '', modified_at: due } as const;
        await db
          .insertInto('event_delivery')
          .values([1, 2, 3].map((n) => ({ ...row, consumer: 'amqp:g', event_id: `e${n}` })))
          .execute();
      });
      const samples = await scrape();
      expect(samples.get('otaru_outbox_waiting{consumer="amqp"}')).toBe(3);
      expect(samples.get('otaru_outbox_waiting{consumer="webhook"}')).toBe(0);
      expect(samples.get('otaru_outbox_oldest_due_age_seconds{consumer="amqp"}')).toBeGreaterThanOrEqual(60);
      expect(samples.get('otaru_outbox_oldest_due_age_seconds{consumer="webhook"}')).toBe(0);
      await engine.transaction(({ db }) => sql`delete from event_delivery`.execute(db));
      expect((await scrape()).get('otaru_outbox_waiting{consumer="amqp"}')).toBe(3);
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  });

  it('are off by default', async () => {
    await using off = await serve(database, { OTARU_METRICS: '' });
    expect(off.server.metrics).toBeUndefined();
    expect((await fetch(`${off.server.http}/metrics`)).status).toBe(404);
  });
});

eachEngine('the address of metrics', (database) => {
  it('answers GET and HEAD of one path, ends what is open when the server ends, and says when it is taken', async () => {
    await using running = await serve(database);
    const { server } = running;
    const url = server.metrics as string;
    expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    // a scraper keeps its connection
    const kept = request(url, { headers: { connection: 'keep-alive' } });
    await new Promise((resolve) => kept.on('response', (response) => response.resume().on('end', resolve)).end());

    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    await expect(serve(database, { OTARU_METRICS: `127.0.0.1:${port}` })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port} (OTARU_METRICS): another program listens there; choose another port, or port 0 for any free one.`,
    );
  });
});
