import { createHash } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { type Credentials, connectAsCSdk } from '../../acceptance/support/c-device.ts';

/** A device that survives the server: it reconnects, says its version at every connect, and takes its time to update. */
export class PatientDevice {
  version = '1.0.0';
  /** The last version whose report the server has acknowledged. */
  acknowledged = '';
  /** Times that it was told of a version after the server had acknowledged that very version. */
  pushedAfterEnd = 0;
  readonly #credentials: Credentials;
  readonly #url: string;
  #client: MqttClient | undefined;
  #stopped = false;
  #updating = false;

  constructor(url: string, credentials: Credentials) {
    this.#url = url;
    this.#credentials = credentials;
  }

  async run(): Promise<void> {
    const { productKey, deviceName } = this.#credentials;
    while (!this.#stopped) {
      try {
        const client = await connectAsCSdk(mqtt, this.#url, this.#credentials);
        this.#client = client;
        client.on('error', () => undefined);
        // stopped while it was connecting
        if (this.#stopped) return void (await client.endAsync(true));
        const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
        client.on('message', (topic, payload) => {
          if (topic === `/ota/device/upgrade/${productKey}/${deviceName}`) void this.#update(payload.toString());
        });
        // a report that the crash swallows is made again at the next connect
        await Promise.race([this.#inform(client), closed]);
        await closed;
      } catch {
        // the server is away
      }
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.endAsync(true);
  }

  async #inform(client: MqttClient): Promise<void> {
    const { productKey, deviceName } = this.#credentials;
    const { version } = this;
    const body = JSON.stringify({ id: '1', params: { version } });
    await client.publishAsync(`/ota/device/inform/${productKey}/${deviceName}`, body, { qos: 1 });
    this.acknowledged = version;
  }

  async #update(message: string): Promise<void> {
    const { data } = JSON.parse(message) as { data: { version: string; url: string; md5: string } };
    if (data.version === this.acknowledged) this.pushedAfterEnd += 1;
    if (data.version === this.version || this.#updating) return;
    this.#updating = true;
    const { productKey, deviceName } = this.#credentials;
    const progress = (step: number) =>
      this.#client?.publish(
        `/ota/device/progress/${productKey}/${deviceName}`,
        JSON.stringify({ id: '2', params: { step: String(step), desc: '' } }),
        { qos: 0 },
      );
    try {
      void progress(10);
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1_500));
      const response = await fetch(data.url);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (createHash('md5').update(bytes).digest('hex') !== data.md5) throw new Error('digest');
      this.version = data.version;
      if (this.#client?.connected) void this.#inform(this.#client);
    } catch {
      // the download failed, as where the database is away: it is told again when it connects again
      this.#client?.end(true);
    } finally {
      this.#updating = false;
    }
  }
}
