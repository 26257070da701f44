import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import mqtt from 'mqtt';

/** Status of `GET /readyz` over TLS at a port that tells HTTPS from devices by the name of the server. */
export function readinessOverTls(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { servername: 'ota.example.com', rejectUnauthorized: false, agent: false };
    const asked = get(`https://127.0.0.1:${port}/readyz`, options, (answer) => resolve(answer.resume().statusCode));
    asked.on('error', reject);
  });
}

/** Stands in for `mqtt.connect`: goes to a port of this machine from an address of the device's own. */
export const connectFrom = (localAddress: string, port: number) =>
  ((_url: string, options: object) =>
    new mqtt.MqttClient(() => connectTcp({ port, host: '127.0.0.1', localAddress }), options)) as never;
